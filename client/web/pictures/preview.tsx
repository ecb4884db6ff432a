import { Component, createRef, type JSX } from 'preact';
import { type CheckedThumbnail, checkedThumbnail } from '../../sdk/files/thumbnail.ts';
import { webTexts } from '../../texts/web-texts.ts';

/** The box that a preview fills, whatever its thumbnail's size. */
const BOX = { width: 240, height: 180 };

interface PreviewProps {
  /** Its sender's bytes. */
  readonly thumbnail: Uint8Array;
  /** Of its file, made visible. */
  readonly name: string;
}

/**
 * A thumbnail, drawn by the browser's decoder of pictures as the type that it was checked to be. What is no thumbnail, or does not
 * decode, is not shown at all.
 */
export class Preview extends Component<PreviewProps> {
  readonly #checked: CheckedThumbnail | undefined;
  readonly #url: string | undefined;
  readonly #image = createRef<HTMLImageElement>();

  constructor(props: PreviewProps) {
    super(props);
    this.#checked = checkedThumbnail(props.thumbnail);
    if (this.#checked === undefined) return;
    const { bytes, type } = this.#checked;
    this.#url = URL.createObjectURL(new Blob([bytes], { type }));
  }

  /** Browsers tell of a picture that does not decode only to those who ask. */
  override componentDidMount(): void {
    const image = this.#image.current;
    image?.decode().catch(() => {
      image.hidden = true;
    });
  }

  override componentWillUnmount(): void {
    if (this.#url !== undefined) URL.revokeObjectURL(this.#url);
  }

  override render({ name }: PreviewProps): JSX.Element | null {
    if (this.#checked === undefined) return null;
    const scale = Math.min(BOX.width / this.#checked.width, BOX.height / this.#checked.height);
    return (
      <img
        ref={this.#image}
        class="preview"
        src={this.#url}
        alt={webTexts.page.preview(name)}
        width={Math.max(1, Math.round(this.#checked.width * scale))}
        height={Math.max(1, Math.round(this.#checked.height * scale))}
      />
    );
  }
}

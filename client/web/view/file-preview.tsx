import { Component, type ComponentType, type JSX } from 'preact';

interface FilePreviewProps {
  readonly thumbnail: Uint8Array;
  readonly name: string;
}

/** Loaded with the first thumbnail, and drawn at once from then on. */
let Preview: ComponentType<FilePreviewProps> | undefined;

/** A small picture of a picture. Most rooms show none, so that the page begins without what checks and draws them. */
export class FilePreview extends Component<FilePreviewProps> {
  override componentDidMount(): void {
    if (Preview !== undefined) return;
    import('../pictures/preview.tsx').then(
      (loaded) => {
        Preview = loaded.Preview;
        this.forceUpdate();
      },
      // Of a release that the server no longer serves: the file's name is there.
      () => undefined,
    );
  }

  override render(props: FilePreviewProps): JSX.Element | null {
    return Preview === undefined ? null : <Preview {...props} />;
  }
}

import type { Model } from '../../../client/chat/model/model.ts';
import { emptyScreen, type ScreenModel, type ScreenState } from '../../../client/tui/screen-model.ts';

/** What a terminal of 80 × 24, or with other things of its own, shows of a chat. */
export function screenOf(model: Model, own: Partial<ScreenState> = {}): ScreenModel {
  return { ...model, ...emptyScreen, ...own };
}

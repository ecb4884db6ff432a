import { useLayoutEffect, useState } from 'preact/hooks';
import type { Model } from '../../chat/model/model.ts';
import type { Store } from '../../chat/store.ts';

/** The model as it is now. What changes within one frame is drawn once. */
export function useModel(store: Store): Model {
  const [, draw] = useState(store.model);
  useLayoutEffect(() => {
    let frame = 0;
    const off = store.watch(() => {
      if (frame === 0)
        frame = requestAnimationFrame(() => {
          frame = 0;
          draw(store.model);
        });
    });
    draw(store.model);
    return () => {
      off();
      cancelAnimationFrame(frame);
    };
  }, [store]);
  // Whatever caused this frame, it shows the newest.
  return store.model;
}

import { useCallback, useLayoutEffect, useState } from 'preact/hooks';

const PANELS = ['rooms', 'members'] as const;
export type PanelName = (typeof PANELS)[number];

/** A panel is shown where there is room for it, until somebody says otherwise. */
type Shown = 'if-wide' | 'shown' | 'hidden';

export interface Panels {
  readonly shown: Readonly<Record<PanelName, Shown>>;
  /** Those in sight. */
  readonly open: readonly PanelName[];
  toggle(name: PanelName): void;
  /** Puts those away that cover the conversation, as they do on a narrow page. False: none does. */
  uncover(): boolean;
}

/** The lists beside the conversation. */
export function usePanels(): Panels {
  const [shown, show] = useState<Panels['shown']>({ rooms: 'if-wide', members: 'if-wide' });
  const open = useOpen(shown);
  const toggle = useCallback((name: PanelName): void => {
    const next = isShown(name) ? 'hidden' : 'shown';
    show((before) => ({ ...before, [name]: next }));
  }, []);
  const uncover = useCallback((): boolean => {
    const covering = PANELS.filter(covers);
    for (const name of covering) show((before) => ({ ...before, [name]: 'if-wide' }));
    return covering.length > 0;
  }, []);
  return { shown, open, toggle, uncover };
}

/** Only the styles know whether there is room. */
function useOpen(shown: Panels['shown']): readonly PanelName[] {
  const [open, know] = useState<readonly PanelName[]>([]);
  useLayoutEffect(() => {
    const look = (): void => {
      const now = PANELS.filter((name) =>
        shown[name] === 'if-wide' ? isShown(name) : shown[name] === 'shown',
      );
      know((before) => (before.join() === now.join() ? before : now));
    };
    look();
    addEventListener('resize', look);
    return () => removeEventListener('resize', look);
  }, [shown]);
  return open;
}

function isShown(id: PanelName): boolean {
  return document.getElementById(id)?.checkVisibility() === true;
}

function covers(id: PanelName): boolean {
  const panel = document.getElementById(id);
  return panel !== null && isShown(id) && getComputedStyle(panel).position === 'fixed';
}

import { useCallback, useState } from 'preact/hooks';

const PANELS = ['rooms', 'members'] as const;
type Name = (typeof PANELS)[number];

/** A panel is shown where there is room for it, until somebody says otherwise. */
type Shown = 'if-wide' | 'shown' | 'hidden';

export interface Panels extends Readonly<Record<Name, Shown>> {
  toggle(name: Name): void;
  /** Puts those away that cover the conversation, as they do on a narrow page. False: none does. */
  uncover(): boolean;
}

/** The lists beside the conversation. */
export function usePanels(): Panels {
  const [shown, show] = useState<Readonly<Record<Name, Shown>>>({ rooms: 'if-wide', members: 'if-wide' });
  const toggle = useCallback((name: Name): void => {
    const next = isShown(name) ? 'hidden' : 'shown';
    show((before) => ({ ...before, [name]: next }));
  }, []);
  const uncover = useCallback((): boolean => {
    const covering = PANELS.filter(covers);
    for (const name of covering) show((before) => ({ ...before, [name]: 'if-wide' }));
    return covering.length > 0;
  }, []);
  return { ...shown, toggle, uncover };
}

function isShown(id: Name): boolean {
  return document.getElementById(id)?.checkVisibility() === true;
}

function covers(id: Name): boolean {
  const panel = document.getElementById(id);
  return panel !== null && isShown(id) && getComputedStyle(panel).position === 'fixed';
}

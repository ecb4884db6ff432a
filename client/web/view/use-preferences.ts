import { useLayoutEffect, useState } from 'preact/hooks';
import type { PreferenceStore, Preferences } from '../preferences.ts';

/** What is chosen now. */
export function usePreferences(store: PreferenceStore): Preferences {
  const [chosen, draw] = useState(store.current);
  useLayoutEffect(() => store.watch(() => draw(store.current)), [store]);
  return chosen;
}

/** The theme that somebody chose; `auto`: that of the system. */
export function useTheme(store: PreferenceStore): void {
  const { theme } = usePreferences(store);
  useLayoutEffect(() => {
    const { dataset } = document.documentElement;
    if (theme === 'auto') delete dataset['theme'];
    else dataset['theme'] = theme;
  }, [theme]);
}

import {
  allEntries,
  allFlags,
  type CommandEntry,
  type Completion,
  type OptionEntry,
} from './command-tree.ts';

/** A script for zsh: to be evaluated after compinit, or a file `_conclave` in `fpath`. */
export function zshCompletion(program: CommandEntry): string {
  const entries = allEntries(program);
  const paths = entries.filter(({ path }) => path.length > 0).map(({ path }) => quoted(path.join(' ')));
  const valued = entries.flatMap(({ options }) => options.filter(({ value }) => value !== undefined));
  const seen = [...new Map(valued.map((option) => [option.flag, option])).values()];
  return `#compdef conclave
# zsh completion for conclave; to load it, after compinit: source <(conclave completion zsh)
_conclave() {
  local at word where=
  local -a commands options
  for ((at = 2; at < CURRENT; at++)); do
    word=\${words[at]}
    case $word in
      (${allFlags(seen).join('|')}) ((at++)); continue ;;
      (-*) continue ;;
    esac
    case "\${where:+$where }$word" in
      (${paths.join('|')}) where="\${where:+$where }$word" ;;
    esac
  done
  case \${words[CURRENT-1]} in
${seen.map((option) => `    (${allFlags([option]).join('|')}) ${actionOf(option.value ?? { kind: 'nothing' })}; return ;;`).join('\n')}
  esac
  case $where in
${entries.map((entry) => entryCase(entry, program)).join('\n')}
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _conclave "$@"; else compdef _conclave conclave; fi
`;
}

function entryCase({ path, commands, options, argument }: CommandEntry, program: CommandEntry): string {
  const own = path.length === 0 ? options : [...options, ...program.options];
  const below = commands.map((command) => described(command.path.at(-1) ?? '', command.description));
  const action =
    below.length === 0 ? actionOf(argument) : `commands=(${below.join(' ')}); _describe command commands`;
  return `    (${quoted(path.join(' '))})
      if [[ \${words[CURRENT]} == -* ]]; then options=(${distinct(own)}); _describe option options
      else ${action}; fi ;;`;
}

function distinct(options: readonly OptionEntry[]): string {
  return [
    ...new Map(options.map(({ flag, description }) => [flag, described(flag, description)])).values(),
  ].join(' ');
}

function actionOf(completion: Completion): string {
  switch (completion.kind) {
    case 'nothing':
      return ':';
    case 'files':
      return '_files';
    case 'folders':
      return '_files -/';
    case 'words':
      return `commands=(${completion.words.map(quoted).join(' ')}); _describe argument commands`;
    default:
      return completion satisfies never;
  }
}

function described(word: string, description: string): string {
  return quoted(`${word}:${description}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

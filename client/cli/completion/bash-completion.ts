import {
  allEntries,
  allFlags,
  type CommandEntry,
  type Completion,
  type OptionEntry,
} from './command-tree.ts';

/** A script for bash 3.2 and later: `eval "$(conclave completion bash)"`. */
export function bashCompletion(program: CommandEntry): string {
  const entries = allEntries(program);
  const paths = entries.filter(({ path }) => path.length > 0).map(({ path }) => quoted(path.join(' ')));
  const valued = entries.flatMap(({ options }) => options.filter(({ value }) => value !== undefined));
  return `# bash completion for conclave; to load it: eval "$(conclave completion bash)"
_conclave_paths() {
  local path
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$1" -- "$cur")
}
_conclave() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path= i word
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      ${flagsOf(valued)}) ((i++)); continue ;;
      -*) continue ;;
    esac
    case "\${path:+$path }$word" in
      ${paths.join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case $prev in
${valueCases(valued)}
  esac
  case $path in
${entries.map((entry) => entryCase(entry, program)).join('\n')}
  esac
}
complete -F _conclave conclave
`;
}

function valueCases(valued: readonly OptionEntry[]): string {
  const seen = new Map(valued.map((option) => [option.flag, option]));
  return [...seen.values()]
    .map((option) => ({ flags: allFlags([option]).join('|'), value: option.value }))
    .map(({ flags, value }) => `    ${flags}) ${replyOf(value ?? { kind: 'nothing' })} return ;;`)
    .join('\n');
}

function entryCase({ path, commands, options, argument }: CommandEntry, program: CommandEntry): string {
  const flags = [...options, ...(path.length === 0 ? [] : program.options)].map(({ flag }) => flag);
  const names = commands.flatMap((command) => command.path.slice(-1));
  const completion: Completion = names.length > 0 ? { kind: 'words', words: names } : argument;
  return `    ${quoted(path.join(' '))})
      if [[ $cur == -* ]]; then ${replyOf({ kind: 'words', words: [...new Set(flags)] })}
      else ${replyOf(completion)} fi ;;`;
}

function replyOf(completion: Completion): string {
  switch (completion.kind) {
    case 'nothing':
      return ':;';
    case 'files':
      return '_conclave_paths -f;';
    case 'folders':
      return '_conclave_paths -d;';
    case 'words':
      return `COMPREPLY=($(compgen -W ${quoted(completion.words.join(' '))} -- "$cur"));`;
    default:
      return completion satisfies never;
  }
}

function flagsOf(options: readonly OptionEntry[]): string {
  return allFlags(options).join('|');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

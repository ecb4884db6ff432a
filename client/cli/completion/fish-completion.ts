import {
  allEntries,
  allFlags,
  type CommandEntry,
  type Completion,
  type OptionEntry,
} from './command-tree.ts';

/** A script for fish: `conclave completion fish | source`. */
export function fishCompletion(program: CommandEntry): string {
  const entries = allEntries(program);
  const paths = entries.filter(({ path }) => path.length > 0).map(({ path }) => quoted(path.join(' ')));
  const valued = entries.flatMap(({ options }) => options.filter(({ value }) => value !== undefined));
  const flags = allFlags(valued);
  return `# fish completion for conclave; to load it: conclave completion fish | source
function __conclave_where
  set -l where
  set -l skips 0
  for word in (commandline -opc)[2..-1]
    if test $skips = 1
      set skips 0
    else if contains -- $word ${flags.join(' ')}
      set skips 1
    else if not string match -q -- '-*' $word
      if contains -- (string join ' ' $where $word) ${paths.join(' ')}
        set -a where $word
      end
    end
  end
  string join ' ' $where
end
function __conclave_at --argument-names expected
  set -l where (__conclave_where)
  test "$where" = "$expected"
end
complete -c conclave -f
${entries.flatMap(linesOf).join('\n')}
`;
}

function linesOf(entry: CommandEntry): readonly string[] {
  const { path, commands, options, argument } = entry;
  const at = `-n ${quoted(`__conclave_at "${path.join(' ')}"`)}`;
  const below = commands.map(
    ({ path: words, description }) =>
      `complete -c conclave ${at} -a ${words.at(-1)} -d ${quoted(description)}`,
  );
  const argumentLine = commands.length > 0 ? '' : candidates(argument);
  return [
    ...below,
    ...(argumentLine === '' ? [] : [`complete -c conclave ${at} ${argumentLine}`]),
    // Options of the program may stand anywhere.
    ...options.map((option) => optionLine(option, path.length === 0 ? '' : `${at} `)),
  ];
}

function optionLine({ flag, short, description, value }: OptionEntry, at: string): string {
  const candidatesOnly = value === undefined || value.kind === 'files' ? '' : ' -f';
  const taken = value === undefined ? '' : ` -r${candidatesOnly} ${candidates(value)}`.trimEnd();
  const letter = short === undefined ? '' : `-s ${short.slice(1)} `;
  return `complete -c conclave ${at}${letter}-l ${flag.replace(/^--/, '')}${taken} -d ${quoted(description)}`;
}

function candidates(completion: Completion): string {
  switch (completion.kind) {
    case 'nothing':
      return '';
    case 'files':
      return '-F';
    case 'folders':
      return `-a '(__fish_complete_directories)'`;
    case 'words':
      return `-a ${quoted(completion.words.join(' '))}`;
    default:
      return completion satisfies never;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

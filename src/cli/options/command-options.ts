import { type CommandName, OPTIONS, type OptionSpec } from './spec.ts';

const COPIES = 'What copies carry:';

/** What `render` takes, in the order of its help: there is no cluster, and nothing is written to one. */
const RENDER: ReadonlyMap<string, Partial<OptionSpec>> = new Map([
  ['filename', { about: 'file, directory or - for stdin with sources and namespaces (repeatable)' }],
  ['output-dir', {}],
  ['include-secrets', {}],
  ['source-namespace', {}],
  ['config-source-namespace', {}],
  ['include-namespace', {}],
  ['exclude-namespace', {}],
  ['kind', {}],
  ['cluster-name', { group: COPIES }],
  ['strip', { group: COPIES }],
  ['color', {}],
  ['quiet', {}],
  ['verbose', { about: 'everything by name' }],
]);

/** The options of one command. A purge that deletes nothing is refused, so its help does not offer it. */
export function optionsOf(command: CommandName): readonly OptionSpec[] {
  if (command === 'render') return forRender();
  const options = OPTIONS.filter(({ only = command }) => only === command);
  if (command === 'reconcile') return options;
  return options.map((spec) => (spec.name === 'no-prune' ? { ...spec, hidden: true } : spec));
}

function forRender(): readonly OptionSpec[] {
  const specs = new Map(OPTIONS.map((spec) => [spec.name, spec]));
  return [...RENDER].flatMap(([name, other]) => {
    const spec = specs.get(name);
    return spec === undefined ? [] : [{ ...spec, ...other }];
  });
}

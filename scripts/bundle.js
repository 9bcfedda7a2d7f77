// Builds the published program: files without dependencies, and the licences of what is in them.
//
// | file            | is loaded by                                    | holds                         |
// |-----------------|-------------------------------------------------|-------------------------------|
// | kubed-sync.cjs  | every start                                     | the command line              |
// | runtime.cjs      | every run                                       | all the rest, and client-node |
// | completion.cjs  | the completion of a shell                       | candidates and scripts        |
// | one per package | runs with an identity provider or a SOCKS proxy | a package of client-node      |
//
// Node needs some 3 ms to load 100 KB, even of code that is never called. So `--version` does not load the runtime, and a run
// does not load what few clusters need. The files are CommonJS: with ES modules `--version` takes half as long again.

import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lib = join(root, 'lib');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

/** client-node imports these when it is loaded, and few runs call them. */
const RARELY_NEEDED = ['jsonpath-plus', 'openid-client', 'socks', 'socks-proxy-agent'];

/** `import('./runtime.ts')` loads the other file, and so does the import of completion. */
const runtimeApart = {
  name: 'runtime-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/(runtime|completion)\.ts$/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path: `./${basename(path, '.ts')}.cjs`, external: true } : undefined,
    );
  },
};

/** Only what is used of client-node comes along. Its package.json does not say that this is safe, but it is. */
const clientNodeInPart = {
  name: 'client-node-in-part',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^(\.|@kubernetes\/client-node)/ }, async ({ path, pluginData, ...asked }) => {
      if (pluginData === 'asked') return undefined;
      const found = await resolve(path, { ...asked, pluginData: 'asked' });
      return found.path.includes('@kubernetes/client-node') ? { ...found, sideEffects: false } : found;
    });
  },
};

/** The requests of client-node go through undici, half a megabyte. Those of this program do not: nothing calls undici. */
const withoutUndici = {
  name: 'without-undici',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^undici$/ }, ({ path }) => ({ path, namespace: 'empty' }));
    onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** Instead of such a package: an object that loads the file of the package when one of its exports is read. */
const rarelyNeeded = {
  name: 'rarely-needed',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: new RegExp(`^(${RARELY_NEEDED.join('|')})$`) }, ({ kind, path }) =>
      kind === 'entry-point' ? undefined : { path, namespace: 'rarely-needed' },
    );
    onResolve({ filter: /\.cjs$/, namespace: 'rarely-needed' }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /.*/, namespace: 'rarely-needed' }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter((name) => /^(?!default$|__)[\w$]+$/.test(name));
      const getters = names.map((name) => `get ${name}() { return require('./${path}.cjs').${name}; }`);
      return { contents: `module.exports = {${getters.join(',')}};` };
    });
  },
};

/** The folder of the package that a bundled file belongs to. */
function packageOf(input) {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
}

async function licenceOf(folder) {
  const {
    name,
    version: its,
    license,
    author,
  } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
  const files = (await readdir(join(root, folder))).filter((file) =>
    /^(licen[cs]e|notice|copying)/i.test(file),
  );
  const texts = await Promise.all(files.map((file) => readFile(join(root, folder, file), 'utf8')));
  const text =
    texts.length > 0 ? texts.map((one) => one.trim()).join('\n\n') : `by ${author?.name ?? author ?? name}`;
  return `${name} ${its} (${license})\n\n${text}\n`;
}

async function licences({ outputs }) {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const folders = inputs.flatMap(([input, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [packageOf(input)] : [],
  );
  const distinct = [...new Set(folders.filter((folder) => folder !== undefined))].toSorted((a, b) =>
    a < b ? -1 : 1,
  );
  const rule = `\n${'-'.repeat(80)}\n\n`;
  return [
    'kubed-sync contains code of these packages.\n',
    ...(await Promise.all(distinct.map(licenceOf))),
  ].join(rule);
}

await rm(lib, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: {
    'kubed-sync': 'src/cli/main.ts',
    runtime: 'src/cli/runtime.ts',
    completion: 'src/cli/commands/completion.ts',
    ...Object.fromEntries(RARELY_NEEDED.map((name) => [name, name])),
  },
  outdir: lib,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  supported: { 'dynamic-import': false },
  minify: true,
  legalComments: 'none',
  metafile: true,
  // Only the version is looked for beside the source, and here it is filled in.
  define: { KUBED_SYNC_VERSION: JSON.stringify(version), 'import.meta.url': 'undefined' },
  plugins: [runtimeApart, rarelyNeeded, withoutUndici, clientNodeInPart],
  logLevel: 'warning',
});
await writeFile(join(lib, 'THIRD-PARTY-LICENSES.txt'), await licences(metafile));

// Builds the published program: three files without dependencies, and the licences of what is in them.
//
// | file              | is loaded by                                | holds                                        |
// |-------------------|---------------------------------------------|----------------------------------------------|
// | kubed-sync.cjs    | every start                                 | the command line, and commander              |
// | engine.cjs        | every run, when it begins                   | what stands behind `import()`, and client-node |
// | rarely-needed.cjs | runs with an identity provider or a SOCKS proxy | packages of client-node                  |
//
// Code that is never called still costs a start the time to skip it, some 3 ms for 100 KB: `--version` has none of the
// engine, and a run none of what few clusters need. CommonJS, because its unused parts fall away and Node starts 8 ms faster on it.

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lib = join(root, 'lib');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

const options = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: true,
  legalComments: 'none',
  metafile: true,
  write: false,
  define: { KUBED_SYNC_VERSION: JSON.stringify(version) },
  logLevel: 'warning',
};

/** Importing a module of client-node does nothing, but its package.json does not say so: all of it would come along. */
const withoutSideEffects = {
  name: 'without-side-effects',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^(\.|@kubernetes\/client-node)/ }, async ({ path, pluginData, ...asked }) => {
      if (pluginData === 'asked') return undefined;
      const found = await resolve(path, { ...asked, pluginData: 'asked' });
      return found.path.includes('@kubernetes/client-node') ? { ...found, sideEffects: false } : found;
    });
  },
};

/**
 * client-node loads these at once and needs them for few clusters, those with an identity provider in the kubeconfig or
 * behind a SOCKS proxy: they go to a file of their own, for even code that is never called costs time to skip.
 */
const RARELY_NEEDED = ['jsonpath-plus', 'openid-client', 'socks', 'socks-proxy-agent'];

/** Modules of Node that take some milliseconds to load, and that a run needs late or never. */
const NEEDED_LATE = new Set(['node:child_process', 'node:crypto', 'node:fs/promises']);

/** client-node's own requests go through undici; here they go through node:https, and nothing of it is ever called. */
const NEVER_NEEDED = 'undici';

/** Makes of each such module an object that loads it when one of its exports is looked at. */
const whenNeeded = {
  name: 'when-needed',
  setup({ onLoad, onResolve }) {
    const any = /^[a-z]/;
    onResolve({ filter: any }, ({ path, namespace }) => {
      if (path === NEVER_NEEDED) return { path, namespace: 'never-needed' };
      const isLate = RARELY_NEEDED.includes(path) || NEEDED_LATE.has(path);
      return isLate && namespace !== 'when-needed' ? { path, namespace: 'when-needed' } : undefined;
    });
    onResolve({ filter: /^\.\/[\w-]+\.cjs$/ }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /.*/, namespace: 'when-needed' }, async ({ path }) => {
      const getters = (await exportsOf(path)).map((name) => `get ${name}() { return load().${name}; }`);
      const quoted = JSON.stringify(path);
      const loaded = RARELY_NEEDED.includes(path)
        ? `require('./rarely-needed.cjs')[${quoted}]()`
        : `require(${quoted})`;
      const contents = `const load = () => ${loaded};\nmodule.exports = {${getters.join(',')}};`;
      return { contents, loader: 'js' };
    });
    onLoad({ filter: /.*/, namespace: 'never-needed' }, async ({ path }) => {
      const absent = (name) =>
        `${name}: class { constructor() { throw new Error('${path} is not in this bundle'); } }`;
      return {
        contents: `module.exports = {${(await exportsOf(path)).map(absent).join(',')}};`,
        loader: 'js',
      };
    });
  },
};

/** Whoever imports CommonJS looks at `__esModule` at once: as a getter it would load what is to wait. */
const NOT_FORWARDED = new Set(['default', '__esModule']);

async function exportsOf(path) {
  return Object.keys(await import(path)).filter(
    (name) => !NOT_FORWARDED.has(name) && /^[A-Za-z_$][\w$]*$/.test(name),
  );
}

/** Bundles what is imported by `import()` by itself, into a file that is required at that moment. */
function lazily(files) {
  return {
    name: 'lazily',
    setup({ onLoad, onResolve, resolve }) {
      onResolve({ filter: /^\./ }, async ({ path, kind, pluginData, ...asked }) => {
        if (kind !== 'dynamic-import' || pluginData === 'asked') return undefined;
        const found = await resolve(path, { ...asked, kind, pluginData: 'asked' });
        return { path: found.path, namespace: 'lazy' };
      });
      onLoad({ filter: /.*/, namespace: 'lazy' }, async ({ path }) => {
        const plugins = [whenNeeded, withoutSideEffects];
        const name = `${basename(path, '.ts')}.cjs`;
        files.set(name, await build({ ...options, entryPoints: [path], format: 'cjs', plugins }));
        return { contents: `module.exports = require('./${name}')`, loader: 'js' };
      });
    },
  };
}

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

async function licences(metafiles) {
  const inputs = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap((output) => Object.entries(output.inputs)),
  );
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

/** A text that begins with a digest of itself: by that, bin/load.js knows what was compiled of it. */
function signed(text) {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return `// ${digest}\n${text}`;
}

/** Whole or not at all: a test may be running the program. */
async function put(name, text) {
  await writeFile(join(lib, `.${name}`), text);
  await rename(join(lib, `.${name}`), join(lib, name));
}

const files = new Map();
const main = await build({
  ...options,
  entryPoints: ['src/cli/main.ts'],
  format: 'cjs',
  // Only the version is looked for beside the source, and in here it is filled in.
  define: { ...options.define, 'import.meta.url': 'undefined' },
  plugins: [lazily(files), whenNeeded],
});
files.set('kubed-sync.cjs', main);
const loaders = RARELY_NEEDED.map(
  (name) => `${JSON.stringify(name)}: () => require(${JSON.stringify(name)})`,
);
const contents = `module.exports = {${loaders.join(',')}};`;
const rare = await build({ ...options, stdin: { contents, resolveDir: root }, format: 'cjs' });
files.set('rarely-needed.cjs', rare);
await mkdir(lib, { recursive: true });
await rm(join(lib, 'compiled'), { recursive: true, force: true });
for (const [name, { outputFiles }] of files) await put(name, signed(outputFiles[0].text));
await put('THIRD-PARTY-LICENSES.txt', await licences([...files.values()].map(({ metafile }) => metafile)));

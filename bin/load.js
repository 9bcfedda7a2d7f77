'use strict';

// Loads a file of the program, already compiled where `scripts/compile.js` has left that for this very Node: some 20 ms less
// for a run that takes 200. Where there is none, or V8 wants none of it, Node compiles the file as any other.

const { readFileSync } = require('node:fs');
const { createRequire, wrap } = require('node:module');
const { join } = require('node:path');
const { Script } = require('node:vm');

const LIB = join(__dirname, '../lib');

/** V8 compares no more than the length of a text, so the name has the digest that the text begins with. */
function compiledFile(name, text) {
  const [, digest] = /^\/\/ (\w+)\n/.exec(text);
  return join(LIB, 'compiled', `${name}-${digest}-${process.version}-${process.arch}`);
}

function readIfThere(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/**
 * Runs a file of the program and gives what it exports. With `kept`, a Map, the scripts are kept there by name, so that
 * what V8 made of them can be stored.
 */
function load(name, kept) {
  const filename = join(LIB, name);
  const requireThere = createRequire(filename);
  const text = readFileSync(filename, 'utf8');
  const cachedData = kept ? undefined : readIfThere(compiledFile(name, text));
  if (!kept && !cachedData) return requireThere(filename);
  const script = new Script(wrap(text), { filename, cachedData });
  kept?.set(name, { script, file: compiledFile(name, text) });
  const requireOurs = (id) => (id === './engine.cjs' ? load('engine.cjs', kept) : requireThere(id));
  const module = { exports: {} };
  script.runInThisContext().call(module.exports, module.exports, requireOurs, module, filename, LIB);
  return module.exports;
}

exports.load = load;

/**
 * Builds the files that the server serves, and measures them.
 * A first request above its limit fails the build: it is the visitor who would wait for it.
 *
 * Oldest browsers: Chrome and Edge 88, Firefox 101, Safari 16.4 (constructable style sheets set the floor). In older ones
 * nothing is shown and nothing optional runs; the page's own link leads to the choices.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';
import { minify } from 'terser';

// With the configuration of the tests, which has twice as many providers as ALA's; with ALA's it is 6,144 (tests/embed).
const LIMIT = 6370;
const HASH_LENGTH = 8;
const WHOLE = 'src/whole.js';
// What nearly every page calls of the first half. V8 compiles a function in parentheses along with the file, in the
// background, and any other when it is first called.
const EAGER = ['main', 'build', 'place', 'copies', 'element', 'button', 'show', 'addLink'];

/** @param {string} name */
const path = (name) => fileURLToPath(new URL(name, import.meta.url));

const EMBED = path('../consent_server/embed/');

/** Style sheets come as text, minified. */
const styles = {
  name: 'styles',
  /** @param {import('esbuild').PluginBuild} build */
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, 'utf8'), { loader: 'css', minify: true });
      return { contents: code.trim().replace(/(var\([\w-]+,|--\w+:|inherit) /g, '$1').replace(/="(\w+)"/g, '=$1'), loader: 'text' };
    });
  },
};

/** `part:name` is the file name of a part, its hash included: what the first file asks for is fixed with it. */
const hashes = /** @type {Object<string, string>} */ ({});
const parts = {
  name: 'parts',
  /** @param {import('esbuild').PluginBuild} build */
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^part:/ }, ({ path }) => ({ path: path.slice(5), namespace: 'part' }));
    onLoad({ filter: /./, namespace: 'part' }, ({ path }) => ({ contents: `${path}.${hashes[path]}`, loader: 'text' }));
  },
};

/**
 * Puts the modules that only `whole.js` leads to inside its function. A bundle has each module under a line that names it.
 * @param {string} text
 * @param {import('esbuild').Metafile} metafile
 * @param {string} entry
 */
function nest(text, { inputs }, entry) {
  if (!(WHOLE in inputs)) return text;
  /** @type {Set<string>} */
  const first = new Set();
  /** @param {string} name */
  const follow = (name) => {
    if (first.has(name)) return;
    first.add(name);
    if (name !== WHOLE) for (const { path } of inputs[name].imports) follow(path);
  };
  follow(entry);
  const end = text.lastIndexOf('})();');
  const [head, ...modules] = text.slice(0, end).split(/^ *\/\/ (?=\S+$)/m);
  let whole = '';
  let outer = '';
  let inner = '';
  for (const module of modules) {
    const [name] = module.split('\n', 1);
    const code = module.slice(name.length);
    if (name === WHOLE) whole = code;
    else if (first.has(name)) outer += code;
    else inner += code;
  }
  for (const name of EAGER) {
    const form = RegExp(`^  function ${name}(\\(.*\\) \\{\\n[^]*?^  \\})$`, 'm');
    if (!form.test(outer)) throw Error(`${name} is no function of the first half`);
    outer = outer.replace(form, (_, rest) => `var ${name} = __EAGER__(function ${rest});`);
  }
  return head + whole.replace('start()', () => `(() => {${inner}\nreturn start();})()`) + outer + text.slice(end);
}

/**
 * @param {string} entry
 * @param {string} name
 * @param {'iife'|'esm'} format
 */
async function make(entry, name, format) {
  const { outputFiles, metafile } = await build({
    entryPoints: [path(entry)],
    bundle: true,
    minifySyntax: true,
    write: false,
    target: 'es2020',
    charset: 'utf8',
    legalComments: 'none',
    tsconfigRaw: {},
    plugins: [styles, parts],
    metafile: true,
    absWorkingDir: path('.'),
    format,
  });
  const bundled = nest(outputFiles[0].text, metafile, entry);
  const options = { ecma: 2020, module: format === 'esm', toplevel: true, compress: { passes: 3, hoist_funs: true, inline: 3, unsafe_arrows: true, pure_getters: true }, format: { ecma: 2020 } };
  const { code = '' } = await minify(bundled, /** @type {any} */ (options));
  const text = code.replaceAll('__EAGER__(', '(') + '\n';
  writeFileSync(`${EMBED}${name}.js`, text);
  return text;
}

/** @param {string} text */
const gzip = (text) => gzipSync(text, { level: 9 }).length;

// A part is made before those that ask for it.
const names = readdirSync(path('src/parts')).flatMap((file) => /^(\w+)\.part\.js$/.exec(file)?.[1] ?? []);
for (const name of [...names.filter((name) => name !== 'rest'), 'rest']) {
  const text = await make(`src/parts/${name}.part.js`, name, 'esm');
  hashes[name] = createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH);
  console.log(`${name}.js`.padEnd(16), gzip(text));
}
const code = await make('src/main.js', 'choices', 'iife');
await make('src/trial.js', 'trial', 'iife');

// What is no part any more goes last: a server may be reading.
for (const file of readdirSync(EMBED)) if (/\.js$/.test(file) && !['choices', 'trial', ...names].includes(file.slice(0, -3))) rmSync(EMBED + file);

const places = code.split('__CONFIG__').length - 1;
const config = JSON.stringify(JSON.parse(readFileSync(path('test/config.json'), 'utf8')));
const whole = gzip(code.replace('__CONFIG__', () => config));

console.log(`choices.js      ${gzip(code)} bytes gzip, ${whole} with a configuration (limit ${LIMIT})`);

if (places !== 1) throw Error(`__CONFIG__ must stand in choices.js once, not ${places} times`);
if (whole > LIMIT) throw Error(`choices.js is above its limit by ${whole - LIMIT} bytes`);

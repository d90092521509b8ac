/**
 * Builds the three files that the server serves, and measures them.
 * A first request above its limit fails the build: it is the visitor who would wait for it.
 *
 * Oldest browsers: Chrome and Edge 87, Firefox 101, Safari 16.4 (constructable style sheets set the floor). In older ones
 * nothing is shown and nothing optional runs; the page's own link leads to the choices.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';

const LIMIT = 8192;
const GOAL = 6144;

/** @param {string} name */
const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Style sheets come as text, minified. */
const styles = {
  name: 'styles',
  /** @param {import('esbuild').PluginBuild} build */
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, 'utf8'), { loader: 'css', minify: true });
      return { contents: code.trim(), loader: 'text' };
    });
  },
};

/**
 * @param {string} entry
 * @param {string} name
 * @param {import('esbuild').BuildOptions} options
 */
async function make(entry, name, options) {
  const { outputFiles } = await build({
    entryPoints: [path(entry)],
    bundle: true,
    minify: true,
    write: false,
    target: 'es2020',
    charset: 'utf8',
    legalComments: 'none',
    tsconfigRaw: {},
    plugins: [styles],
    ...options,
  });
  const [{ text }] = outputFiles;
  writeFileSync(path(`../consent_server/embed/${name}.js`), text);
  return text;
}

/** @param {string} text */
const gzip = (text) => gzipSync(text, { level: 9 }).length;

const code = await make('src/main.js', 'choices', {
  format: 'iife',
  banner: { js: 'try{' },
  footer: { js: '}catch(e){console.warn(e)}' },
});
const preferences = await make('src/parts/preferences.js', 'preferences', { format: 'esm' });
const withdrawal = await make('src/parts/withdrawal.js', 'withdrawal', { format: 'esm' });

const places = code.split('__CONFIG__').length - 1;
const config = JSON.stringify(JSON.parse(readFileSync(path('test/config.json'), 'utf8')));
const whole = gzip(code.replace('__CONFIG__', () => config));

console.log(`choices.js      ${gzip(code)} bytes gzip, ${whole} with a configuration (goal ${GOAL}, limit ${LIMIT})`);
console.log(`preferences.js  ${gzip(preferences)}`);
console.log(`withdrawal.js   ${gzip(withdrawal)}`);

if (places !== 1) throw Error(`__CONFIG__ must stand in choices.js once, not ${places} times`);
if (whole > LIMIT) throw Error(`choices.js is above its limit by ${whole - LIMIT} bytes`);

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import ts from 'typescript';

/** @param {string} name @returns {ts.SourceFile} */
const parse = (name) => ts.createSourceFile(name, readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'), ts.ScriptTarget.Latest, true);

/** The first part of a file for which `look` finds something. @template T @param {ts.Node} node @param {(node: ts.Node) => T|undefined} look @returns {T|undefined} */
const find = (node, look) => look(node) ?? ts.forEachChild(node, (child) => find(child, look));

/** @param {readonly ts.Node[]|undefined} members */
const names = (members = []) => members.map((member) => /** @type {any} */ (member).name.text).sort();

const published = parse('visitor-choices.d.ts');

/** Members of an interface of the published types. @param {string} name */
const membersOf = (name) => names(find(published, (node) => (ts.isInterfaceDeclaration(node) && node.name.text === name ? node.members : undefined)));

test('the published types name all that the script offers, and nothing else', () => {
  const offered = find(parse('src/api.js'), (node) =>
    ts.isVariableDeclaration(node) && node.name.getText() === 'api' ? /** @type {ts.ObjectLiteralExpression} */ (node.initializer).properties : undefined,
  );
  assert.deepEqual(membersOf('VisitorChoices'), names(offered));
});

test('and all events', () => {
  const emitted = new Set();
  for (const file of ['main', 'layer', 'leave', 'decide', 'record', 'parts/answers', 'parts/dialog']) {
    const text = readFileSync(new URL(`../src/${file}.js`, import.meta.url), 'utf8');
    for (const [call] of text.matchAll(/\bemit\([^;]*/g)) for (const [, name] of call.matchAll(/'(\w+)'/g)) if (name !== 'done') emitted.add(name);
  }
  assert.deepEqual(membersOf('VisitorChoicesEvents'), [...emitted].sort());
  assert.deepEqual(membersOf('DocumentEventMap'), [...emitted].map((name) => `visitorchoices:${name}`).sort());
});

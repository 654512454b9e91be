// Policies that are wrong in one place: valid ones, each field of which is taken away, misspelled, given twice or
// given another value, and every name put where it does not belong.
'use strict';

// What a person may write where something else was wanted. Texts as they stand in the file.
const VALUES = [
  '', 'null', '~', 'true', 'True', 'false', 'yes', '0', '-1', '1', '2', '3', '7', '50', '0.5', '2.5', '-0.1', '1e15',
  '10001', '99999999999', '"5"', "'50'", '"true"', '"null"', '""', "' '", 'fra', 'Fra', '[]', '{}', '[fra]', '[fra, iad]',
  '[fra, fra]', '[FRA]', '[frankfurt]', '[nrt, 5]', '[nrt, null]', '[[fra]]', '[{a: 1}]', '{a: 1}', '{min: 1}', '0s', '1s',
  '999ms', '1500ms', '15s', '5m', '1h30m', '30m1h', '1d', '15', '1m 5s', '-5s', '1.5s', 'Edge', 'dryrun', 'DryRun',
  'Created', '"Destroy"', 'CostLatency', 'a.b', '-a', 'a_b', 'ä', `"${'a'.repeat(63)}"`, 'a'.repeat(64),
  '2026-11-28', '|\n  text\n',
];

// Numbers up to 20 as only the parser refuses them: a language server sees the value, not how it is written.
const NOTATIONS = ['1e1', '3.0', '010', '0x10', '+5'];

const DURATIONS = ['0', '"0"', '1000ms', '2500ms', '24h', '24h1s', '720h', '720h1s', '721h', '99999999999h'];

// A policy as a tree: a mapping is a list of [name, value], anything else the text of its value.
const isMapping = (node) => Array.isArray(node);

function readTree(node, text, yaml) {
  if (yaml.isMap(node)) return node.items.map((pair) => [pair.key.value, readTree(pair.value, text, yaml)]);
  return text.slice(node.range[0], node.range[1]);
}

function printTree(tree, indent = '') {
  let text = '';
  for (const [name, value] of tree) {
    if (!isMapping(value)) text += `${indent}${name}: ${value.replace(/\n/g, `\n${indent}`)}\n`;
    else text += value.length === 0 ? `${indent}${name}: {}\n` : `${indent}${name}:\n${printTree(value, indent + '  ')}`;
  }
  return text;
}

// Calls see(mapping, path) for every mapping in the tree, itself included.
function visitMappings(tree, see, path = '') {
  see(tree, path);
  for (const [name, value] of tree) if (isMapping(value)) visitMappings(value, see, path ? `${path}.${name}` : name);
}

// Every name that the schema knows, wherever.
function collectNames(schema, names = new Set()) {
  for (const [name, each] of Object.entries(schema.properties ?? {})) {
    names.add(name);
    collectNames(each, names);
  }
  return names;
}

function findSchema(schema, path) {
  for (const name of path.split('.')) schema = schema?.properties?.[name];
  return schema;
}

// Every word that a field may be, the values next to its bounds, and what only the parser refuses there.
function valuesFor(field, value) {
  const types = [field.type].flat();
  const isDuration = field.errorMessage?.includes('duration') ?? false;
  const values = [...(field.enum ?? [])];
  for (const key of ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum']) {
    const step = types[0] === 'number' && field[key] <= 1 ? 0.001 : 1;
    if (key in field) values.push(...[field[key] - step, field[key], field[key] + step].map(String));
  }
  for (const length of field.maxLength ? [field.maxLength, field.maxLength + 1] : []) {
    values.push(`"${'x'.repeat(length)}"`);
  }
  if (isDuration) values.push(...DURATIONS);
  if (field.maximum >= 20) values.push(...NOTATIONS);
  if (types[0] === 'string' && !value.includes('\n')) values.push(`!!str ${value}`);
  return values;
}

// Yields [what was done, tree]. Each tree shares its unchanged parts with `tree`.
function* mutate(tree, schema) {
  const names = collectNames(schema);
  const places = [];
  visitMappings(tree, (mapping, path) => places.push([mapping, path]));
  const replace = (node, mapping, other) =>
    node === mapping
      ? other
      : isMapping(node)
        ? node.map(([name, value]) => [name, replace(value, mapping, other)])
        : node;

  for (const [mapping, path] of places) {
    const change = (what, other) => [`${path || 'document'}: ${what}`, replace(tree, mapping, other)];
    const present = new Set(mapping.map(([name]) => name));
    for (const name of [...names, 'banana', '<<', '1', 'Spec', '""']) {
      if (!present.has(name)) yield change(`${name} added`, [...mapping, [name, name === '<<' ? '{}' : '1']]);
    }
    for (let i = 0; i < mapping.length; ++i) {
      const [name, value] = mapping[i];
      const field = findSchema(schema, path ? `${path}.${name}` : name) ?? {};
      const put = (...entries) => [...mapping.slice(0, i), ...entries, ...mapping.slice(i + 1)];
      yield change(`${name} left out`, put());
      yield change(`${name} misspelled`, put([name.slice(0, -1), value]));
      yield change(`${name} in snake case`, put([name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`) + '_', value]));
      yield change(`${name} twice`, put([name, value], [name, value]));
      for (const each of new Set([...VALUES, ...(isMapping(value) ? [] : valuesFor(field, value))])) {
        yield change(`${name} is ${each.length > 70 ? `${each.length} characters` : each}`, put([name, each]));
      }
    }
  }
}

module.exports = { mutate, printTree, readTree };

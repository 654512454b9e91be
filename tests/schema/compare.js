// compare.js AUTOPLACER FOLDER: see run. Asks the language service of yaml-language-server itself, which is what the
// server calls for each document that an editor opens; the schema is found by the policy's first line, as there.
'use strict';

const { execFileSync, spawnSync } = require('child_process');
const fs = require('fs');
const { createRequire } = require('module');
const path = require('path');
const { mutate, printTree, readTree } = require('./mutations.js');

const [autoplacer, folder] = process.argv.slice(2).map((each) => path.resolve(each));
const repository = path.join(__dirname, '../..');
const installed = createRequire(path.join(folder, 'node_modules/'));
const { getLanguageService, TextDocument } = {
  ...installed('yaml-language-server'),
  ...installed('vscode-languageserver-textdocument'),
};
const yaml = installed('yaml');

const FILES_PER_FOLDER = 500;
const MODELINE = '# yaml-language-server: $schema=policy.schema.json\n';

// What only the parser checks, by its words. The policy reference must name each.
const ONLY_PARSER = {
  'rules between fields': new RegExp([
    'is longer than traffic.resolution', 'is below resolution . delay', 'is not below deploy', 'is above longWindow',
    'is above max', 'is below the floors', 'span more than', 'is also in regions.excluded', 'is given with source',
    'with source Query write',
  ].join('|')),
  'the longest duration': /: (?!0s |\d{1,3}ms )\S+ is out of range; use \S+ to (720h|24h)$|"\d+h" is too long/,
  'how a number is written': /is not written as a whole|may be read as octal|is the number (0x10|\+5); write a (whole )?num/,
  'aliases, tags and merge keys': /an alias \(|the tag |is a merge key/,
  'policies that clash': /is also (the name of|steered by|defined in)/,
};

const schemaText = execFileSync(autoplacer, ['schema'], { encoding: 'utf8' });
const schema = JSON.parse(schemaText);
const service = getLanguageService({
  schemaRequestService: async (uri) => {
    if (uri !== 'file:///policies/policy.schema.json') throw new Error(`asked for ${uri}`);
    return schemaText;
  },
  workspaceContext: { resolveRelativePath: (relative, resource) => new URL(relative, resource).toString() },
});
service.configure({ validate: true, yamlVersion: '1.2', schemas: [] });

// What the editor underlines, as [{line, message}], but for what the parser warns of as well.
async function askEditor(text, version) {
  const document = TextDocument.create('file:///policies/policy.yaml', 'yaml', version, text);
  const found = await service.doValidation(document, false);
  return found
    .map((each) => ({ line: each.range.start.line + 1, message: each.message }))
    .filter((each) => !each.message.includes('and never read'));
}

// The errors of each text, likewise. Many files at once: starting a program some thousand times takes longer than all else.
function askParser(texts) {
  const errors = texts.map(() => []);
  for (let first = 0; first < texts.length; first += FILES_PER_FOLDER) {
    const directory = fs.mkdtempSync(path.join(folder, 'policies-'));
    const batch = texts.slice(first, first + FILES_PER_FOLDER);
    batch.forEach((text, i) => fs.writeFileSync(path.join(directory, `${first + i}.yaml`), text));
    const run = spawnSync(autoplacer, ['validate', directory], { encoding: 'utf8', maxBuffer: 1 << 28 });
    fs.rmSync(directory, { recursive: true });
    if (run.status !== 0 && run.status !== 1) throw new Error(`validate: ${run.status} ${run.error} ${run.stderr}`);
    for (const line of run.stdout.split('\n')) {
      const found = line.match(/\/(\d+)\.yaml(?::(\d+):\d+)?: error: (.*)$/);
      if (found) errors[Number(found[1])].push({ line: Number(found[2] ?? 0), message: found[3] });
    }
    const said = Number(run.stdout.match(/: (\d+) errors?(,|\n|$)/)?.[1] ?? 0);
    const counted = errors.slice(first, first + batch.length).reduce((sum, each) => sum + each.length, 0);
    if (said !== counted) throw new Error(`validate counts ${said} errors, and lists ${counted}`);
  }
  return errors;
}

const kindOf = (error) => Object.keys(ONLY_PARSER).find((kind) => ONLY_PARSER[kind].test(error.message));
const linesOf = (errors) => [...new Set(errors.map((each) => each.line))].sort((a, b) => a - b).join();
const show = (errors) => errors.map((each) => `${each.line}: ${each.message}`).join(' | ') || 'ok';

// [name, tree] of each policy that is right.
function readExamples() {
  const read = (file) => fs.readFileSync(path.join(repository, file), 'utf8');
  const small = read('README.md').match(/```yaml\n(apiVersion[\s\S]*?)```/)[1];
  const texts = {
    README: small,
    'README with a query': `${small}  traffic: {source: Query, query: "up{app='$app'}"}\n`,
    example: read('deploy/policies/example.yaml'),
    quickstart: read('deploy/policies/quickstart.yaml'),
  };
  return Object.entries(texts).map(([name, text]) => [name, readTree(yaml.parseDocument(text).contents, text, yaml)]);
}

// Policies of one folder must differ in name and app, unless that is where the mutation is.
function makeUnique(tree, original, number) {
  const get = (node, name) => (Array.isArray(node) ? node.find(([key]) => key === name)?.[1] : undefined);
  for (const [mapping, field] of [['metadata', 'name'], ['spec', 'app']]) {
    const value = get(get(tree, mapping), field);
    if (value !== undefined && value === get(get(original, mapping), field)) {
      tree = tree.map(([name, each]) =>
        name !== mapping || !Array.isArray(each)
          ? [name, each]
          : [name, each.map(([key, old]) => [key, key === field && old === value ? `${field}-${number}` : old])]);
    }
  }
  return tree;
}

// [what, text] of all policies: each example as it is, its mutations, and files of two documents.
function makePolicies() {
  const policies = [];
  const add = (what, text) => policies.push([what, text]);
  const next = (tree, original) => MODELINE + printTree(makeUnique(tree, original, policies.length));
  for (const [what, tree] of readExamples()) {
    add(what, next(tree, tree));
    add(`${what} as JSON`, MODELINE + JSON.stringify(yaml.parse(next(tree, tree))));
    add(`${what} twice`, `${next(tree, tree)}---\n${next(tree, tree)}`);
    add(`${what} and nothing`, `${next(tree, tree)}---\n`);
    add(`${what} and a list`, `${next(tree, tree)}---\n${MODELINE}[1]\n`);
    add(`${what} with an alias`, next(tree, tree).replace(/name: (\S+)/, 'name: &n $1').replace(/app: \S+/, 'app: *n'));
    if (what === 'quickstart') continue;  // has the fields of example: changing each once is enough
    let count = 0;
    for (const [mutation, mutated] of mutate(tree, schema)) {
      add(`${what}, ${mutation}`, next(mutated, tree));
      if (++count % 20 > 0) continue;
      const second = printTree(makeUnique(mutated, tree, `${policies.length}b`));
      add(`${what}, ${mutation}, in the second document`, `${next(tree, tree)}---\n${MODELINE}${second}`);
    }
  }
  return policies;
}

async function main() {
  const policies = makePolicies();
  const errors = askParser(policies.map(([, text]) => text));
  const seen = Object.fromEntries(Object.keys(ONLY_PARSER).map((kind) => [kind, 0]));
  let refused = 0;
  const differences = [];
  for (const [i, [what, text]] of policies.entries()) {
    const tellable = errors[i].filter((each) => kindOf(each) === undefined);
    const underlined = await askEditor(text, i);
    if (linesOf(tellable) !== linesOf(underlined)) {
      differences.push(`${what}\n  validate: ${show(errors[i])}\n  editor:   ${show(underlined)}`);
    } else if (tellable.length > 0) {
      ++refused;
    } else {
      errors[i].forEach((each) => ++seen[kindOf(each)]);
    }
  }
  for (const each of differences.slice(0, 40)) console.log(each);
  console.log(`${policies.length} policies, ${refused} refused by both in the same lines, ${differences.length} differences`);
  for (const [kind, count] of Object.entries(seen)) console.log(`only the parser refuses: ${kind}: ${count}`);
  const reference = fs.readFileSync(path.join(repository, 'docs/policy-reference.md'), 'utf8');
  const problems = Object.keys(seen).flatMap((kind) => [
    ...(seen[kind] > 0 ? [] : [`no policy here is about ${kind}`]),
    ...(reference.includes(`- **${kind}**`) ? [] : [`docs/policy-reference.md does not list: ${kind}`]),
  ]);
  problems.forEach((each) => console.log(each));
  process.exit(differences.length + problems.length > 0 || refused < 1000 ? 1 : 0);
}

main();

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/**
 * The tests that carry ids of requirements in their titles, read off the syntax of the test files and not by running them, so that
 * it takes a second and needs no database. A title begins with its ids: `it('R-153, R-154 ...')`, `it('#14 ...')`. Titles that come
 * from a table (`it.each(rows)('%s', ...)`) are the texts in the rows, wherever the rows are declared, in the file or in one beside it.
 */
export interface ProvingTest {
  readonly ids: readonly string[];
  readonly file: string;
  readonly title: string;
}

const ID = String.raw`(?:[A-Z]+-|#)\d+`;
const IDS = new RegExp(String.raw`^\[?(${ID}(?:, ?${ID})*)\]?:? +(?=\S)`);
const BLOCKS: ReadonlySet<string> = new Set(['describe', 'it', 'test']);

export function findTests(root = 'test'): ProvingTest[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(spec|scenario)\.ts$/.test(name))
    .sort()
    .flatMap((name) => testsIn(join(root, name), readFileSync(join(root, name), 'utf8')));
}

/** Exported for its own test. */
export function testsIn(file: string, text: string): ProvingTest[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const titles = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) for (const title of titlesOf(node, source)) titles.add(title);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...titles].flatMap((title) => {
    const found = IDS.exec(title);
    return found ? [{ ids: found[1]!.split(/, ?/), file, title: title.slice(found[0].length) }] : [];
  });
}

/** `it(title, ...)`, `it.each(table)(title, ...)`, likewise `describe` and `test`. A skipped one proves nothing. */
function titlesOf(call: ts.CallExpression, source: ts.SourceFile): string[] {
  const [title] = call.arguments;
  if (!title) return [];
  const { expression } = call;
  if (ts.isIdentifier(expression) && BLOCKS.has(expression.text)) return ownTitles(title, source);
  if (ts.isCallExpression(expression) && isEach(expression.expression)) {
    const own = ownTitles(title, source);
    const table = expression.arguments[0];
    const fromRows = table && own.every((text) => /[%$]/.test(text) && !IDS.test(text));
    return fromRows ? textsIn(table, source) : own;
  }
  return [];
}

const isEach = (node: ts.Expression): boolean =>
  ts.isPropertyAccessExpression(node) &&
  node.name.text === 'each' &&
  ts.isIdentifier(node.expression) &&
  BLOCKS.has(node.expression.text);

/** What a title says as far as it is written down: of a template with holes, the text with their sources. */
function ownTitles(title: ts.Expression, source: ts.SourceFile): string[] {
  if (ts.isStringLiteralLike(title)) return [title.text];
  if (ts.isTemplateExpression(title)) return [title.getText(source).slice(1, -1)];
  return [];
}

/** All texts in a table; of a name, those where it is declared. */
function textsIn(table: ts.Expression, source: ts.SourceFile): string[] {
  const texts: string[] = [];
  const seen = new Set<string>();
  const visit = (node: ts.Node, within: ts.SourceFile): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) texts.push(...ownTitles(node, within));
    if (ts.isIdentifier(node) && !seen.has(node.text)) {
      seen.add(node.text);
      const home = importedFrom(node.text, within) ?? within;
      for (const declared of declarationsOf(node.text, home)) visit(declared, home);
    }
    ts.forEachChild(node, (child) => visit(child, within));
  };
  visit(table, source);
  return texts;
}

/** The file of ours that a name is imported from. */
function importedFrom(name: string, source: ts.SourceFile): ts.SourceFile | undefined {
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const names = statement.importClause?.namedBindings;
    if (!names || !ts.isNamedImports(names) || !names.elements.some((element) => element.name.text === name)) continue;
    const file = join(dirname(source.fileName), statement.moduleSpecifier.text.replace(/\.js$/, '.ts'));
    if (!statement.moduleSpecifier.text.startsWith('./') || !existsSync(file)) return undefined;
    return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  }
  return undefined;
}

function declarationsOf(name: string, source: ts.SourceFile): ts.Expression[] {
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.name.text === name && node.initializer)
      found.push(node.initializer);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** A requirement that tests prove by carrying its id in their titles. */
export interface Requirement {
  readonly id: string;
  readonly level: string;
  readonly section: string;
  readonly sentence: string;
}

/** Lines of `id | level | section | sentence`. Throws for a line of another form and for an id that is there twice. */
export function parseRequirements(table: string): readonly Requirement[] {
  const requirements = table.trim().split('\n').map(parseLine);
  const twice = requirements.find(({ id }, index) => requirements.findIndex((other) => other.id === id) !== index);
  if (twice) throw new Error(`${twice.id} is there twice`);
  return requirements;
}

function parseLine(line: string): Requirement {
  const [id, level, section, sentence, ...rest] = line.split('|').map((part) => part.trim());
  if (!id || !level || !section || !sentence || rest.length > 0) throw new Error(`Not a requirement: ${line}`);
  return { id, level, section, sentence };
}

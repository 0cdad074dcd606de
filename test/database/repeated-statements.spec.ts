import { RepeatedStatements } from '../../src/database/repeated-statements.js';

describe('repeated statements', () => {
  it('have a name that says their text, the same on every node', () => {
    const one = new RepeatedStatements().of('SELECT 1');
    expect(one).toEqual({ name: expect.stringMatching(/^rollcall_[\w-]{22}$/) as string, text: 'SELECT 1' });
    expect(new RepeatedStatements().of('SELECT 1')).toEqual(one);
    expect(new RepeatedStatements().of('SELECT 2')).not.toEqual(one);
  });

  it('have none once a connection has enough of them', () => {
    const statements = new RepeatedStatements();
    for (let n = 0; n < 500; n++) expect(statements.of(`SELECT ${n}`)).toMatchObject({ text: `SELECT ${n}` });
    expect(statements.of('SELECT 500')).toBe('SELECT 500');
    expect(statements.of('SELECT 7')).toMatchObject({ text: 'SELECT 7' });
  });
});

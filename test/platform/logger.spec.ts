import { QueryFailedError } from 'typeorm';
import { Log } from '../../src/platform/logger.js';

describe('the log', () => {
  const logged = (write: (log: Log) => void): Record<string, unknown>[] => {
    const lines: string[] = [];
    write(Log.create('info', { write: (line: string) => lines.push(line) }));
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  };

  it('R-203 says where a database error came from, and nothing of the person it was about', () => {
    const driverError = Object.assign(new Error('duplicate key value violates unique constraint "users_user_name"'), {
      code: '23505',
      constraint: 'users_user_name',
      detail: 'Key (user_name_key)=(bjensen) already exists.',
    });
    const error = new QueryFailedError('INSERT INTO users VALUES ($1)', ['bjensen'], driverError);
    const [line] = logged((log) => log.failure(error, { correlationId: 'c-1', route: '/scim/v2/Users' }));
    expect(line).toMatchObject({
      correlationId: 'c-1',
      route: '/scim/v2/Users',
      err: { type: 'QueryFailedError', code: '23505', constraint: 'users_user_name' },
    });
    expect((line!['err'] as { stack: string }).stack).toContain('logger.spec');
    expect(JSON.stringify(line)).not.toContain('bjensen');
  });

  it('R-203 removes secrets that reach it as fields', () => {
    const secrets = { token: 'rc_scim_x', password: 'p', authorization: 'Bearer y', headers: { cookie: 'session=z' } };
    const [line] = logged((log) => log.info({ ...secrets, request: { token: 'inner', id: 7 } }, 'hello'));
    expect(line).toMatchObject({ token: '[removed]', password: '[removed]', authorization: '[removed]' });
    expect(line).toMatchObject({
      headers: { cookie: '[removed]' },
      request: { token: '[removed]', id: 7 },
      msg: 'hello',
    });
  });

  it('takes anything that was thrown', () => {
    const [line] = logged((log) => log.failure('just a text', { correlationId: 'c-2' }));
    expect(line).toMatchObject({ correlationId: 'c-2', msg: 'unknown failure', err: { type: 'string' } });
  });
});

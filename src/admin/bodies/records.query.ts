import { Choice, Id, Text } from '../field.decorators.js';
import { PageQuery } from './page.query.js';

export class SignInsQuery extends PageQuery {
  @Id('Of this connection', { optional: true })
  connection?: string;

  @Id('Of this user', { optional: true })
  user?: string;

  @Choice(['accepted', 'rejected'], 'With this outcome', { optional: true })
  outcome?: 'accepted' | 'rejected';
}

export class SessionsQuery extends PageQuery {
  @Id('Of this user', { optional: true })
  user?: string;

  @Id('Over this connection', { optional: true })
  connection?: string;
}

export class LogoutsQuery extends PageQuery {
  @Id('Of this connection', { optional: true })
  connection?: string;

  @Choice(['accepted', 'rejected'], 'With this outcome', { optional: true })
  outcome?: 'accepted' | 'rejected';
}

export class AuditQuery extends PageQuery {
  @Text('About this user, group, connection, token or domain', { optional: true })
  target?: string;

  @Text('By this token, client, operator token or person', { optional: true })
  actor?: string;
}

export class EventsQuery extends PageQuery {
  @Id('About this user, group or connection', { optional: true })
  subject?: string;
}

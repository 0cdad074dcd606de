import { DRIFT_KINDS, type DriftKind } from '../../reconciliation/describe-drift.js';
import { Choice, Id, Instant } from '../field.decorators.js';
import { PageQuery } from './page.query.js';

export class DriftQuery extends PageQuery {
  @Id('People under the authority of this connection', { optional: true })
  connection?: string;

  @Choice(DRIFT_KINDS, 'With this kind of drift', { optional: true })
  kind?: DriftKind;

  @Instant('Asserted at this instant or later', { optional: true })
  since?: string;
}

export class DriftCountQuery {
  @Id('People under the authority of this connection', { optional: true })
  connection?: string;

  @Instant('Asserted at this instant or later', { optional: true })
  since?: string;
}

import { Injectable } from '@nestjs/common';
import { Counter, Histogram, Registry } from 'prom-client';

/** What this process has counted since it started. What everybody knows of the database is asked at the door of the metrics. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  private readonly signIns = new Counter({
    name: 'rollcall_sign_ins_total',
    help: 'Answers of IdPs and other ways in, by what became of them; reason is empty for those accepted',
    labelNames: ['outcome', 'reason'] as const,
    registers: [this.registry],
  });

  private readonly requests = new Counter({
    name: 'rollcall_http_requests_total',
    help: 'Requests answered, by door (scim, saml, admin, ...)',
    labelNames: ['door', 'method', 'status'] as const,
    registers: [this.registry],
  });

  private readonly durations = new Histogram({
    name: 'rollcall_http_request_duration_seconds',
    help: 'Time from a request to the end of its answer',
    labelNames: ['door'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.registry],
  });

  signedIn(outcome: 'accepted' | 'rejected', reason = ''): void {
    this.signIns.inc({ outcome, reason });
  }

  answered(door: string, method: string, status: number, seconds: number): void {
    this.requests.inc({ door, method, status });
    this.durations.observe({ door }, seconds);
  }
}

/** What a load balancer is told; nothing that helps anybody else. */
export interface Readiness {
  readonly ready: boolean;
  readonly database: 'answers' | 'does not answer';
  readonly schema: 'current' | 'behind' | 'unknown';
}

/** `applied`: undefined when the database did not say. A schema that is ahead serves the version before it as well. */
export function toReadiness(applied: readonly string[] | undefined, needed: readonly string[]): Readiness {
  if (!applied) return { ready: false, database: 'does not answer', schema: 'unknown' };
  const current = needed.every((name) => applied.includes(name));
  return { ready: current, database: 'answers', schema: current ? 'current' : 'behind' };
}

import type { Actor } from '../audit/actor.js';

/** The signed-in person as the one who does something. */
export const toPersonActor = ({ userId }: { readonly userId: string }, correlationId: string): Actor => ({
  kind: 'person',
  id: userId,
  correlationId,
});

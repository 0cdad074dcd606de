import { Choice, Flag } from '../field.decorators.js';

export const HAND_OVER_CHOICES = ['to-scim', 'freeze', 'to-jit', 'to-manual', 'deactivate'] as const;

export class HandOverBody {
  @Choice(
    HAND_OVER_CHOICES,
    'to-scim: SCIM takes over; back from SCIM: freeze (the default, nobody changes), to-jit, to-manual or deactivate',
    { optional: true },
  )
  choice?: (typeof HAND_OVER_CHOICES)[number];

  @Flag('Only say what would happen', { optional: true })
  preview?: boolean;
}

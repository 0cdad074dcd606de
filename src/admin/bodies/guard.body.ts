import { Ids, Integer } from '../field.decorators.js';

export class ResumeGuardBody {
  @Integer('Let everything pass for so many minutes, a week at most; not given: count anew from now on', {
    min: 1,
    max: 10_080,
    optional: true,
  })
  minutes?: number;
}

export class DecideHeldBody {
  @Ids('Only these people; not given: everybody, five hundred at a time', { optional: true })
  userIds?: string[];
}

import { Integer, Text } from '../field.decorators.js';

export class RotationView {
  @Integer('Data keys that another key had encrypted until now', { min: 0, max: Number.MAX_SAFE_INTEGER })
  rewrapped!: number;

  @Text('Names the key that all data keys are encrypted with now: digits of its hash')
  keyName!: string;
}

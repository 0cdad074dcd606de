import { Flag } from '../field.decorators.js';

export class PreviewQuery {
  @Flag('Only say what would happen', { optional: true, fromText: true })
  preview?: boolean;
}

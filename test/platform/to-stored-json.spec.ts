import { toStoredJson } from '../../src/platform/to-stored-json.js';

describe('JSON that is stored', () => {
  it('has no U+0000 and no half of a pair, in names and in values', () => {
    const stored = toStoredJson({ 'a\0': ['\0', '\ud83d', 'x\ude00y'], '\udc00': 1 });
    expect(JSON.parse(stored)).toEqual({ 'a\uFFFD': ['\uFFFD', '\uFFFD', 'x\uFFFDy'], '\uFFFD': 1 });
  });

  it('says everything else as it is', () => {
    const value = {
      text: '\\u0000 \\\\ud83d " \n \u0001 \u001f 😀 é',
      list: [null, true, 1.5],
      nested: { 'a"b\\': '' },
    };
    expect(toStoredJson(value)).toBe(JSON.stringify(value));
  });
});

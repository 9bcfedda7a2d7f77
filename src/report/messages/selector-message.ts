import type { SelectorProblem } from '../../model/objects.ts';
import { quoted } from '../strings/truncate.ts';
import { either } from '../strings/words.ts';

/** `"env in (a" at character 10: expected "," or ")", found the end`; characters are counted from 1. */
export function selectorProblem(selector: string, { at, problem }: SelectorProblem): string {
  return `${quoted(selector)} at character ${at + 1}: ${whatIsWrong(problem)}`;
}

function whatIsWrong(problem: SelectorProblem['problem']): string {
  switch (problem.code) {
    case 'expected':
      return `expected ${either(problem.expected)}, found ${problem.found === '' ? 'the end' : quoted(problem.found)}`;
    case 'bad-key':
      return `${quoted(problem.key)} is no label key (letters, digits, "-", "_" and ".", at most 63, after an optional DNS prefix and "/")`;
    case 'bad-value':
      return `${quoted(problem.value)} is no label value (letters, digits, "-", "_" and ".", at most 63)`;
    case 'not-an-integer':
      return `${quoted(problem.value)} is no integer, which ">" and "<" compare with`;
  }
}

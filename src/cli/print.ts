import type { Report } from '../core/outcome.ts';
import { renderJson } from '../report/json.ts';
import { renderMarkdown } from '../report/markdown.ts';
import { painter } from '../report/paint.ts';
import { renderComplaints, renderText } from '../report/text.ts';
import { renderYaml } from '../report/yaml.ts';
import { colorLevel } from './color.ts';
import type { Environment } from './inputs.ts';
import type { Style } from './request.ts';
import { type Screen, widthOf } from './screen.ts';

/** Where a report goes. */
export interface Screens {
  readonly stdout: Screen;
  readonly stderr: Screen;
}

/**
 * Prints a report: the text or the document on stdout. What went wrong goes to stderr where stdout does not tell it
 * to people: beside a document, and under `-q`, which drops the text.
 */
export function print(report: Report, style: Style, { stdout, stderr }: Screens, env: Environment): void {
  const looks = (screen: Screen): Parameters<typeof renderText>[1] => ({
    verbose: style.verbose,
    paint: painter(colorLevel(style.color, env, screen.isTTY ?? false)),
    ...widthOf(screen),
  });
  if (style.output === 'markdown') stdout.write(renderMarkdown(report));
  else if (style.output === 'json') stdout.write(renderJson(report));
  else if (style.output === 'yaml') stdout.write(renderYaml(report));
  else if (!style.quiet) return void stdout.write(renderText(report, looks(stdout)));
  const complaints = renderComplaints(report, looks(stderr));
  if (complaints !== '') stderr.write(complaints);
}

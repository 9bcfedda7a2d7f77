import { styleText } from 'node:util';
import { DemoCluster } from './demo-cluster.ts';
import { GUIDE } from './demo-guide.ts';
import { OTHER_CLUSTERS } from './demo-contexts.ts';

/*
 * `npm run demo` plays the guide. The program is the real one, in its own process. The cluster is the simulated API
 * server. The last steps use a second one. Every step checks what it shows. A step that differs from the guide ends the demo with exit code 1.
 */

const OPENING = `kubed-sync is the real program here. The cluster is a simulated API server, and
kubectl is not needed: its commands are played through the API.`;

type Format = Parameters<typeof styleText>[0];

const { stdout } = process;
const colour = stdout.isTTY && stdout.hasColors();

// A reader that closes the pipe (`| head`) has seen enough.
stdout.on('error', () => process.exit());

function say(text: string, format?: Format): void {
  stdout.write(`${colour && format !== undefined ? styleText(format, text) : text}\n`);
}

async function play(): Promise<void> {
  say(OPENING, 'dim');
  const stage = {
    command: (line: string) => say(`\n${line}`, 'cyan'),
    output: (text: string) => say(text),
  };
  await using home = await DemoCluster.start(stage);
  await using there = await DemoCluster.start(stage, 'context-1');
  const steps = [
    ...GUIDE.map((step) => ({ ...step, play: () => step.play(home) })),
    ...OTHER_CLUSTERS.map((step) => ({ ...step, play: () => step.play({ home, there }) })),
  ];
  for (const [index, step] of steps.entries()) {
    say(`\n${index + 1}. ${step.title}`, 'bold');
    say(step.about);
    await step.play();
  }
  say(`\nAll ${steps.length} steps went as the guide says.`, 'green');
}

try {
  await play();
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`\nThe demo stopped: ${error instanceof Error ? error.message : String(error)}\n`);
}

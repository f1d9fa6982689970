import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../project.ts'

const path = join(projectRoot, 'docs/bench.md')

const intro = `# Benches

Written by \`npm run bench\`, or one section by \`npm run bench NAME\`. Floor and ours take turns in one run; each figure is the
median of five rounds or more. Ratios carry over to other machines, absolute figures do not.
`

/** Puts sections into the page, in place of those with the same title. */
export function writeBenchPage(sections: ReadonlyMap<string, string>, order: readonly string[]): void {
  const kept = new Map<string, string>()
  if (existsSync(path)) {
    for (const section of readFileSync(path, 'utf8')
      .split(/^(?=## )/m)
      .slice(1)) {
      kept.set(/^## (.*)$/m.exec(section)![1]!, section.trimEnd())
    }
  }
  for (const [title, text] of sections) kept.set(title, text.trimEnd())
  const titles = [...kept.keys()].sort((a, b) => order.indexOf(a) - order.indexOf(b))
  writeFileSync(path, `${[intro.trimEnd(), ...titles.map(title => kept.get(title)!)].join('\n\n')}\n`)
}

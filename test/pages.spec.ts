import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { listFiles, projectRoot, readText } from './project.ts'
import { readSourceFiles } from './source-files.ts'

describe('pages', () => {
  const pages = listFiles().filter(path => path.endsWith('.md'))

  it('every link to a file leads to one', () => {
    const broken = pages.flatMap(page =>
      [...readText(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)]
        .map(match => match[1]!)
        .filter(target => !existsSync(join(projectRoot, dirname(page), target)))
        .map(target => `${page}: ${target}`)
    )
    expect(broken).deep.equal([])
  })

  it('every file named in backquotes exists', () => {
    const own = /^(?:node|protocols|crdt|browser-peer|bootstrap|test|docs)\/[\w./-]+\.(?:ts|md|mjs|json|svg)$/
    const broken = ['README.md', 'ARCHITECTURE.md', 'SECURITY.md', 'CONTRIBUTING.md', 'docs/claims.md'].flatMap(page =>
      [...readText(page).matchAll(/`([^`\s]+)`/g)]
        .map(match => match[1]!)
        .filter(text => own.test(text) && !text.includes('<') && !existsSync(join(projectRoot, text)))
        .map(text => `${page}: ${text}`)
    )
    expect(broken).deep.equal([])
  })

  it('the architecture fits on three screens', () => {
    expect(readText('ARCHITECTURE.md').split('\n').length).at.most(150)
  })

  it('decisions are short and all listed', () => {
    const records = listFiles().filter(path => /^docs\/decisions\/\d{4}-/.test(path))
    expect(records).not.empty
    for (const record of records) {
      expect(readText(record).split('\n').length, record).at.most(41)
      expect(readText('docs/decisions/README.md')).include(record.slice('docs/decisions/'.length))
      expect(readText(record), record).match(/\*\*Context\.\*\*[\s\S]*\*\*Decision\.\*\*[\s\S]*\*\*Consequences\.\*\*/)
    }
  })

  it('every claim names a spec that exists and a test in it', () => {
    const rows = claims()
    expect(rows.length).above(20)
    const specs = new Map(readSourceFiles().map(file => [file.path, file.text]))
    const wrong = rows.flatMap(({ claim, proof }) => {
      if (proof === 'a claim') return []
      const match = /^`([^`]+)`: (.+)$/.exec(proof)
      if (match === null) return [`${claim}: ${proof} is neither a test nor "a claim"`]
      const text = specs.get(match[1]!)
      if (text === undefined) return [`${claim}: no file ${match[1]}`]
      return text.includes(match[2]!) ? [] : [`${claim}: no test "${match[2]}" in ${match[1]}`]
    })
    expect(wrong).deep.equal([])
  })

  it('nothing names the folder of this checkout', () => {
    const odd = listFiles().filter(
      path => /\.(md|ts|mjs|json|svg)$/.test(path) && readText(path).includes(`${projectRoot}/`)
    )
    expect(odd).deep.equal([])
  })
})

interface Claim {
  readonly claim: string
  readonly proof: string
  readonly missing: string
}

/** Rows of the table: claim, proof, the adversarial case that is still missing. */
function claims(): Claim[] {
  return readText('docs/claims.md')
    .split('\n')
    .filter(line => line.startsWith('| ') && !line.startsWith('| claim'))
    .map(line => {
      const [claim = '', proof = '', missing = ''] = line
        .slice(1, -1)
        .split(' | ')
        .map(cell => cell.trim())
      return { claim, proof, missing }
    })
}

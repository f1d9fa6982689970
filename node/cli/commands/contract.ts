import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Command, exitCodes } from '../command.ts'
import { contracts } from '../contracts.ts'
import { Failure, UsageError } from '../failure.ts'

export const commands: readonly Command[] = [
  {
    words: ['contract', 'show'],
    summary: 'Print the contract of a capability as JSON: methods, messages, limits, scopes',
    positionals: [{ name: 'NAME', doc: 'chat, contacts, kv, node, profile', choices: Object.keys(contracts) }],
    examples: ['twin contract show kv', 'twin contract show chat --json | jq .methods.send'],
    run: async ({ values, out }) => {
      const name = values.text('NAME')
      if (!Object.hasOwn(contracts, name)) {
        throw new UsageError(`No capability is called ${name}; there are ${Object.keys(contracts).join(', ')}`)
      }
      const { contractToJson } = await import('../../../protocols/core/index.ts')
      const json = contractToJson(await contracts[name]!())
      out.result(json, () => JSON.stringify(json, undefined, 2))
      return undefined
    }
  },
  {
    words: ['contract', 'list'],
    summary: 'List the capabilities and their versions',
    examples: ['twin contract list'],
    run: async ({ out }) => {
      const rows = await Promise.all(Object.values(contracts).map(load => load()))
      out.table(
        rows.map(({ name, version, id, doc }) => ({ name, version, id, doc })),
        [
          { title: 'Name', cell: row => row.name },
          { title: 'Version', cell: row => row.version },
          { title: 'What', cell: (row, style) => style.dim(row.doc) }
        ],
        'No capability'
      )
      return undefined
    }
  },
  {
    words: ['contract', 'check'],
    summary: 'Compare two contract files and refuse what would break others',
    positionals: [
      { name: 'OLD', doc: 'Contract as it was released', choices: 'file' },
      { name: 'NEW', doc: 'Contract as it shall be', choices: 'file' }
    ],
    examples: ['twin contract show kv > new.json; twin contract check old.json new.json'],
    run: async ({ values, out, io }) => {
      const { contractCheck } = await import('../../../protocols/core/index.ts')
      const [before, after] = await Promise.all(
        ['OLD', 'NEW'].map(name => readJson(resolve(io.cwd, values.text(name))))
      )
      const { breaches, isCompatible } = contractCheck(before, after)
      if (out.isJson) for (const line of isCompatible ? [{ compatible: true }] : breaches) out.json(line)
      else if (isCompatible) out.line(out.style.good('Compatible: nothing that was promised is taken back.'))
      else for (const { rule, place, message } of breaches) out.line(`${out.style.bad(rule)}  ${place}: ${message}`)
      return isCompatible ? exitCodes.done : exitCodes.failed
    }
  }
]

async function readJson(path: string): Promise<object> {
  const text = await readFile(path, 'utf8').catch(cause => {
    throw new Failure(`Cannot read ${path}`, { next: 'Name a file that twin contract show wrote', cause })
  })
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Failure(`${path} is not JSON`, { next: 'Name a file that twin contract show wrote', cause })
  }
}

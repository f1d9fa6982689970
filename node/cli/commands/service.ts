import { readConfig } from '../../home/index.ts'
import type { Command, Context, Option } from '../command.ts'

const system: Option = { doc: 'For the whole machine instead of your log-in; needs root' }

export const commands: readonly Command[] = [
  {
    words: ['service', 'install'],
    summary: 'Start the twin with this machine, and again when it fails',
    options: {
      system,
      port: { value: 'P', doc: 'As for twin start' },
      bootstrap: { value: 'ADDR', doc: 'As for twin start', isRepeatable: true },
      'no-mdns': { doc: 'As for twin start' },
      print: { doc: 'Only print the unit' }
    },
    notes:
      'Keys with a passphrase: put TWIN_PASSPHRASE into the unit with systemctl --user edit, or leave the passphrase out and\n' +
      'encrypt the disk.',
    examples: [
      'twin service install',
      'twin service install --print',
      'sudo twin service install --system --home /srv/twin'
    ],
    run: async context => {
      const { values, home, out } = context
      const { installService, serviceFacts, serviceText } = await import('../../service/index.ts')
      await readConfig(home)
      const facts = serviceFacts(home, scopeOf(context))
      const init = {
        node: process.execPath,
        program: await programPath(),
        home: home.folder,
        log: home.log,
        arguments: [
          ...forward(context, 'port'),
          ...(values.options.get('bootstrap') ?? []).flatMap(address => ['--bootstrap', address]),
          ...(values.isOn('no-mdns') ? ['--no-mdns'] : [])
        ]
      }
      if (values.isOn('print')) {
        out.result({ ...facts, text: serviceText(facts, init) }, () => serviceText(facts, init).trimEnd())
        return undefined
      }
      await out.waiting('Installing', installService(facts, init))
      out.result({ ...facts, installed: true }, style => [
        style.good(`The twin runs now and starts with this machine (${facts.manager}, ${facts.name}).`),
        style.dim(facts.file)
      ])
      return undefined
    }
  },
  {
    words: ['service', 'uninstall'],
    summary: 'Stop the service and do not start it any more; the twin itself stays',
    options: { system },
    examples: ['twin service uninstall'],
    run: async context => {
      const { serviceFacts, uninstallService } = await import('../../service/index.ts')
      const facts = serviceFacts(context.home, scopeOf(context))
      const removed = await context.out.waiting('Stopping', uninstallService(facts))
      context.out.result({ ...facts, removed }, style =>
        style.dim(removed ? 'The service is removed.' : 'There was no service.')
      )
      return undefined
    }
  },
  {
    words: ['service', 'status'],
    summary: 'Tell whether the twin starts with this machine',
    options: { system },
    examples: ['twin service status'],
    run: async context => {
      const { serviceFacts, serviceState } = await import('../../service/index.ts')
      const state = await serviceState(serviceFacts(context.home, scopeOf(context)))
      context.out.result(state, style => {
        if (!state.installed) return style.dim('Not installed: twin service install')
        return `${state.running ? style.good('running') : style.bad('not running')}  ${style.dim(state.file)}`
      })
      return undefined
    }
  }
]

const scopeOf = ({ values }: Context) => (values.isOn('system') ? 'system' : 'user')

function forward({ values }: Context, name: string): string[] {
  const value = values.option(name)
  return value === undefined ? [] : [`--${name}`, value]
}

/** The file that runs now, without links, so that a moved link cannot change what the machine starts. */
async function programPath(): Promise<string> {
  const { realpath } = await import('node:fs/promises')
  return realpath(process.argv[1]!)
}

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect } from 'chai'

/** What a shell with job control prints at a terminal of its own. */
async function atTerminal(commands: string): Promise<string> {
  const words = ['bash', '--noprofile', '--norc', '-c', `set -m; ${commands}`]
  const quoted = words.map(word => `'${word}'`).join(' ')
  // The program of util-linux takes the command as one word, that of BSD as it is
  const args = process.platform === 'linux' ? ['-qec', quoted, '/dev/null'] : ['-q', '/dev/null', ...words]
  const { stdout } = await promisify(execFile)('script', args, { timeout: 20_000 })
  return stdout.replaceAll('\r', '')
}

describe('isInForeground()', () => {
  it('tells a job in the background of a terminal from one in its foreground', async () => {
    const file = new URL('foreground.js', import.meta.url)
    const look = `"${process.execPath}" --input-type=module -e "import { isInForeground } from \\"${file}\\"; console.log(String(isInForeground()))"`
    expect(await atTerminal(`${look} & wait; ${look}`)).to.match(/^(\[1\] .*\n)?false\n(\[1\].*\n)?true\n$/)
  })
})

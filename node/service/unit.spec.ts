import { expect } from 'chai'
import { launchdPlist, systemdUnit } from './unit.ts'

const init = {
  node: '/usr/bin/node',
  program: '/opt/twin mesh/twin.js',
  home: '/home/ada/.twinmesh',
  log: '/home/ada/.twinmesh/twin.log',
  arguments: ['--port', '4100']
}

describe('service units', () => {
  it('the systemd unit runs the twin by absolute paths and quotes what systemd would read', () => {
    const unit = systemdUnit({ ...init, home: '/srv/100% "mine" $HOME' }, 'user', 'ada')
    expect(unit).contain(
      'ExecStart=/usr/bin/node "/opt/twin mesh/twin.js" start --home "/srv/100%% \\"mine\\" $$HOME" --port 4100'
    )
    expect(unit).contain('WantedBy=default.target').and.not.contain('User=')
  })

  it('the system unit names the user and waits for the machine', () => {
    expect(systemdUnit(init, 'system', 'ada'))
      .contain('User=ada')
      .and.contain('WantedBy=multi-user.target')
  })

  it('the launchd list is one string a word, escaped', () => {
    const plist = launchdPlist({ ...init, home: '/Users/a&b' }, 'org.twinmesh.twin')
    expect(plist).contain('<string>/Users/a&amp;b</string>').and.contain('<string>4100</string>')
    expect(plist.match(/<string>/g)).length(10)
  })
})

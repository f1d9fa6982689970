/** What a service runs: absolute paths, nothing of the shell. */
export interface UnitInit {
  readonly node: string
  readonly program: string
  readonly home: string
  /** Further arguments of `twin start` */
  readonly arguments: readonly string[]
  /** Log file, where the system keeps no journal */
  readonly log: string
}

/** A systemd unit that starts with the machine (system) or with the user's session manager (user), and restarts. */
export function systemdUnit(init: UnitInit, scope: 'user' | 'system', user: string): string {
  const command = [init.node, init.program, 'start', '--home', init.home, ...init.arguments].map(quoteSystemd).join(' ')
  return [
    '[Unit]',
    'Description=Twin: your always-on peer in the mesh',
    'Wants=network-online.target',
    'After=network-online.target',
    // A twin that cannot start for five minutes needs its owner, not another try
    'StartLimitIntervalSec=300',
    'StartLimitBurst=10',
    '',
    '[Service]',
    ...(scope === 'system' ? [`User=${user}`] : []),
    `ExecStart=${command}`,
    'Restart=on-failure',
    'RestartSec=5',
    'TimeoutStopSec=30',
    'UMask=0077',
    'NoNewPrivileges=true',
    // A user's manager may not be allowed to make name spaces
    ...(scope === 'system' ? ['ProtectSystem=full'] : []),
    'LimitNOFILE=16384',
    '',
    '[Install]',
    `WantedBy=${scope === 'system' ? 'multi-user.target' : 'default.target'}`,
    ''
  ].join('\n')
}

/** A launchd property list that starts at log-in and restarts after a failure. */
export function launchdPlist(init: UnitInit, label: string): string {
  const command = [init.node, init.program, 'start', '--home', init.home, ...init.arguments]
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    '<dict>',
    '  <key>Label</key>',
    `  <string>${escapeXml(label)}</string>`,
    '  <key>ProgramArguments</key>',
    '  <array>',
    ...command.map(word => `    <string>${escapeXml(word)}</string>`),
    '  </array>',
    '  <key>RunAtLoad</key>',
    '  <true/>',
    '  <key>KeepAlive</key>',
    '  <dict>',
    '    <key>SuccessfulExit</key>',
    '    <false/>',
    '  </dict>',
    '  <key>Umask</key>',
    '  <integer>63</integer>',
    '  <key>StandardOutPath</key>',
    `  <string>${escapeXml(init.log)}</string>`,
    '  <key>StandardErrorPath</key>',
    `  <string>${escapeXml(init.log)}</string>`,
    '</dict>',
    '</plist>',
    ''
  ].join('\n')
}

/** systemd reads quotes, backslashes, `%` and `$` in words (systemd.service, "Command lines"). */
function quoteSystemd(word: string): string {
  const escaped = word.replace(/[\\"]/g, '\\$&').replace(/%/g, '%%').replace(/\$/g, '$$$$')
  return /^[\w./:=@%+-]+$/.test(escaped) ? escaped : `"${escaped}"`
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}

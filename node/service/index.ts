/**
 * A twin that is always on: started by systemd or launchd with the machine, restarted when it fails.
 *
 * @packageDocumentation
 */
export {
  installService,
  serviceFacts,
  serviceState,
  serviceText,
  uninstallService
} from './manager.ts'

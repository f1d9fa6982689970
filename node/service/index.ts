/**
 * A twin that is always on: started by systemd or launchd with the machine, restarted when it fails.
 *
 * @packageDocumentation
 */
export {
  installService,
  ServiceError,
  type ServiceFacts,
  type ServiceState,
  serviceFacts,
  serviceState,
  serviceText,
  uninstallService
} from './manager.ts'
export { launchdPlist, systemdUnit, type UnitInit } from './unit.ts'

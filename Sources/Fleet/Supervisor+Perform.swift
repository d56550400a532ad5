import Core
import Glibc
import Logging
import Release

extension Supervisor {
    func perform(_ action: BackendMachine.Action, of backend: BackendID) {
        guard let machine = machines[backend] else { return }
        switch action {
        case .report(let report):
            logger.debug("replicas", metadata: ["report": "\(report)"])
            self.report(report)
        case .materialise(let round): materialise(machine.order, round: round)
        case .launch(let slot, let run): launch(machine.order, slot: slot, run: run)
        case .end(let slot, let run):
            let key = ReplicaKey(backend: backend, slot: slot)
            if let replica = replicas[key], replica.run == run { replica.watch.end() }
        case .warmUp(let round, let addresses): warmUp(machine.order, round: round, addresses)
        case .check(let round, let addresses): check(machine.order, round: round, addresses)
        case .removeFiles:
            machines[backend] = nil
            if !leavers.values.contains(where: { $0.backend == backend }) { removeFiles(backend) }
        }
    }

    /// The model appears under its name when every file is there and verified, or not at all.
    private func materialise(_ order: BackendOrder, round: Int) {
        let backend = order.backend
        let (model, new, old) = (layout.model(backend), layout.newModel(backend), layout.oldModel(backend))
        // Only a preparation asks for proof again; what was verified before has been out of everybody's reach.
        if order.preparation == nil, Files.exists(model) {
            inbox.yield(.of(backend, .materialised(round: round)))
            return
        }
        let (inbox, materialise) = (inbox, materialise)
        Task.detached {
            do {
                try Files.removeTree(new)
                try Files.makeFolders(new)
                try await materialise(order.files, new, Confinement.isPossible)
                try Files.sealFolders(new)
                try Files.removeTree(old)
                // A server that runs already keeps the files it has open.
                if Files.exists(model) { try Files.attempt("rename", model) { rename(model, old) } }
                try Files.attempt("rename", new) { rename(new, model) }
                try Files.removeTree(old)
                inbox.yield(.of(backend, .materialised(round: round)))
            } catch let error as HubError {
                let isDamage: Bool
                switch error.code {
                case .digestMismatch, .sizeMismatch, .unknownBlob, .blobsMissing, .storageDamaged: isDamage = true
                default: isDamage = false
                }
                inbox.yield(.of(backend, .notMaterialised(round: round, isDamage: isDamage, error.message)))
            } catch {
                inbox.yield(.of(backend, .notMaterialised(round: round, isDamage: false, "\(error)")))
            }
        }
    }

    private func launch(_ order: BackendOrder, slot: Int, run: Int) {
        do {
            switch order.spec.runtime.kind {
            case .process(let command): try launchProcess(order, command, slot: slot, run: run)
            case .external(let urls):
                let address = try ExternalAddress.parse(urls[slot], slot: slot)
                try watch(ReplicaKey(backend: order.backend, slot: slot), run: run, order, process: nil, address: address, isReady: false)
                inbox.yield(.of(order.backend, .launched(slot: slot, run: run, pid: nil, address)))
            }
        } catch {
            let text = (error as? HubError)?.message ?? "\(error)"
            logger.warning("replica not started", metadata: ["backend": "\(order.backend.short)", "slot": "\(slot)", "why": "\(text)"])
            inbox.yield(.of(order.backend, .notLaunched(slot: slot, run: run, text)))
        }
    }

    private func launchProcess(_ order: BackendOrder, _ command: [String], slot: Int, run: Int) throws {
        let backend = order.backend
        let port = try FreePort.pick(except: Set(replicas.values.map(\.port)))
        let (scratch, model) = (layout.scratch(backend, slot), layout.model(backend))
        func filled(_ text: String) -> String { Launch.fill(text, model: model, port: port, slot: slot) }
        let launch = Launch(
            command: command.map(filled),
            environment: Launch.environment(scratch: scratch).merging(order.spec.runtime.environment.mapValues(filled)) { $1 },
            scratch: scratch, log: layout.log(backend, slot), record: layout.record(backend, slot), confinement: confinement)
        let kills = ExitFacts.oomKills()
        let stamp = try launch.start(backend: backend, slot: slot, port: port)
        let address = ReplicaAddress(slot: slot, host: "127.0.0.1", port: port)
        let key = ReplicaKey(backend: backend, slot: slot)
        do {
            try watch(key, run: run, order, process: stamp, address: address, isReady: false)
        } catch {
            // Unwatched it would run for ever.
            kill(-stamp.pid, SIGKILL)
            throw error
        }
        replicas[key]?.oomKills = kills
        inbox.yield(.of(backend, .launched(slot: slot, run: run, pid: Int(stamp.pid), address)))
    }

    func watch(
        _ key: ReplicaKey, run: Int, _ order: BackendOrder, process: ProcessStamp?, address: ReplicaAddress, isReady: Bool
    ) throws {
        let inbox = inbox
        let subject = ReplicaWatch.Subject(
            process: process, address: address, readinessPath: order.spec.runtime.readiness.path, isReady: isReady)
        let watch = try ReplicaWatch(subject, settings: settings) { inbox.yield(.replica(key, run: run, $0)) }
        replicas[key] = Replica(run: run, watch: watch, port: address.port)
    }
}

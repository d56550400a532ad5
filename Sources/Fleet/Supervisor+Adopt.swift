import Core
import Glibc
import Logging
import Release

extension Supervisor {
    private struct Found: Sendable {
        var record: ReplicaRecord
        var address: ReplicaAddress
        var answers: Bool
    }

    /// Takes over what an earlier run of ours left running.
    func adopt(_ wanted: [BackendOrder]) async {
        if hasLeft { return }
        let orders = Dictionary(wanted.map { ($0.backend, $0) }) { $1 }
        var alive: [ReplicaRecord] = []
        for name in Files.names(in: layout.root).sorted() {
            guard let backend = try? BackendID(parsing: name), machines[backend] == nil else { continue }
            let found = records(of: backend).filter(\.process.isAlive)
            if let order = orders[backend], case .process = order.spec.runtime.kind {
                let slots = 0..<max(1, order.spec.runtime.replicas)
                for record in found { if slots.contains(record.slot) { alive.append(record) } else { dismiss(record) } }
            } else {
                found.forEach(dismiss)
                // What it left is removed when the last of its processes is gone.
                if found.isEmpty { removeFiles(backend) }
            }
        }
        for found in await look(at: alive, orders) { take(found, orders) }
        for order in wanted { start(order) }
    }

    private func records(of backend: BackendID) -> [ReplicaRecord] {
        Files.names(in: layout.slots(backend)).compactMap { name in
            guard let slot = Int(name), let record = ReplicaRecord.read(layout.record(backend, slot)) else { return nil }
            return record.backend == backend && record.slot == slot ? record : nil
        }
    }

    /// Asks all of them at once whether they answer, and waits no longer than one look may take.
    private func look(at records: [ReplicaRecord], _ orders: [BackendID: BackendOrder]) async -> [Found] {
        let timeout = min(settings.checkTimeout, 1000)
        return await withTaskGroup(of: Found.self) { group in
            for record in records {
                let address = ReplicaAddress(slot: record.slot, host: "127.0.0.1", port: record.port)
                let path = orders[record.backend]?.spec.runtime.readiness.path ?? ""
                group.addTask {
                    let answer = await ServerRequest(address: address, path: path, timeout: timeout).answer()
                    return Found(record: record, address: address, answers: answer.objectionToReadiness == nil)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func take(_ found: Found, _ orders: [BackendID: BackendOrder]) {
        let backend = found.record.backend
        guard !hasLeft, let order = orders[backend] else { return }
        var machine = machines[backend] ?? BackendMachine(order, settings: settings)
        let key = ReplicaKey(backend: backend, slot: found.record.slot)
        do {
            try watch(key, run: 0, order, process: found.record.process, address: found.address, isReady: found.answers)
            machine.adopt(
                slot: found.record.slot, pid: Int(found.record.process.pid), at: found.address, answers: found.answers,
                now: settings.steadyNow())
            machines[backend] = machine
            logger.info("replica adopted", metadata: ["backend": "\(backend.short)", "slot": "\(key.slot)", "pid": "\(found.record.process.pid)"])
        } catch {
            logger.error("a running replica could not be watched and is ended", metadata: ["error": "\(error)"])
            kill(-found.record.process.pid, SIGKILL)
        }
    }

    private func dismiss(_ record: ReplicaRecord) {
        logger.info("ending a process that nobody wants", metadata: ["backend": "\(record.backend.short)", "pid": "\(record.process.pid)"])
        let pid = record.process.pid
        let inbox = inbox
        let subject = ReplicaWatch.Subject(
            process: record.process, address: ReplicaAddress(slot: record.slot, host: "127.0.0.1", port: record.port), readinessPath: "",
            isReady: true)
        attempt("ending a process that nobody wants") {
            let watch = try ReplicaWatch(subject, settings: settings) { if case .exited = $0 { inbox.yield(.leaver(pid)) } }
            leavers[pid] = (watch, record.backend)
            watch.end()
        }
    }

    /// Lets go of every process, or ends them all and waits until they are gone.
    func stopAll(keep: Bool) async {
        if !keep {
            isClosing = true
            for backend in machines.keys.sorted() { feed(backend, .close) }
            let limit = ContinuousClock.now + .milliseconds(settings.stopGrace + 61_000)
            while !(replicas.isEmpty && leavers.isEmpty), ContinuousClock.now < limit { try? await Task.sleep(for: .milliseconds(10)) }
        }
        leave()
    }

    func leave() {
        hasLeft = true
        for replica in replicas.values { replica.watch.leave() }
        for leaver in leavers.values { leaver.watch.leave() }
        replicas = [:]
        leavers = [:]
        machines = [:]
        inbox.finish()
    }
}

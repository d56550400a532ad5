import Catalog
import Core
import Release

extension Transaction {
    /// A notice for each webhook that the strategy names, as a CloudEvents 1.0 event in JSON whose bytes
    /// are the same at every attempt. CloudEvents 1.0.2, section 3.1: source and id together are unique.
    func notify(_ notice: Command.Notice, of row: ReleaseRow, endpoint: EndpointRow, sequence: Int64, part: Int) throws {
        let release = row.release
        let hooks = release.spec.strategy.notify.filter { $0.events.isEmpty || $0.events.contains(notice.event) }
        guard !hooks.isEmpty else { return }
        let to = try rows.backendRow(row: row.to)
        let from = try row.from.map { try rows.backendRow(row: $0) }
        var data: [String: CanonicalJSON] = [
            "endpoint": .text(endpoint.spec.name.text),
            "release": .text(release.spec.id.description),
            "kind": .text(release.spec.kind.rawValue),
            "phase": .text(release.phase.rawValue),
            "step": .integer(Int64(release.step)),
            "generation": .integer(release.generation),
            "reason": .text(notice.reason),
            "lock": .text(release.spec.lock.description),
            "to": .text("\(to.spec.model.repo.path)@\(to.spec.model.version)"),
            "submittedBy": .text(release.spec.submittedBy)
        ]
        if let from { data["from"] = .text("\(from.spec.model.repo.path)@\(from.spec.model.version)") }
        if let outcome = release.outcome { data["outcome"] = .object(["code": .text(outcome.code), "message": .text(outcome.message)]) }
        let body = CanonicalJSON.object([
            "specversion": .text("1.0"),
            "id": .text("\(release.spec.id)/\(sequence)/\(part)"),
            "source": .text("/hub/v1/endpoints/\(endpoint.spec.name)"),
            "type": .text("grayling.release.\(notice.event)"),
            "subject": .text(release.spec.id.description),
            "time": .text(now.description),
            "datacontenttype": .text("application/json"),
            "data": .object(data)
        ])
        // Two entries for one webhook are one delivery.
        for name in Set(hooks.map(\.webhook)).sorted() {
            try addDelivery(to: name, release: row.id, sequence: sequence, part: part, body: String(decoding: body.bytes, as: UTF8.self))
        }
    }
}

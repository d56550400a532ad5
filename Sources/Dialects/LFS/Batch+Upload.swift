import Core
import Hub
import Wire

extension LFSCall {
    /// From this size on a client that can is asked to send in parts, which can be sent again one by
    /// one: 64 MiB.
    static let partsFrom: Int64 = 64 << 20

    /// What is here for this user already needs no action and is kept for the commit to come; the rest
    /// is sent to addresses that are permission enough.
    func upload(_ asked: BatchRequest, _ objects: [Result<BatchObject, HubError>]) async throws -> BatchAnswer {
        let wanted = objects.compactMap { try? $0.get() }
        let present = try await hub.planTransfer(wanted.map(\.digest), to: repo, by: who)
        let missing = wanted.filter { present[$0.digest] == nil }
        let (kind, xet) = try await transfer(for: missing, listed: asked.transfers ?? [])
        var answers: [BatchAnswer.Object] = []
        for (object, result) in zip(asked.objects, objects) {
            do {
                let wanted = try result.get()
                if let size = present[wanted.digest] {
                    guard size == wanted.size else { throw wanted.wrongSize(size) }
                    answers.append(BatchAnswer.Object(oid: object.oid, size: object.size, authenticated: true))
                } else {
                    let actions = if let xet { BatchAnswer.Actions(upload: xet) } else { try await actions(kind, wanted) }
                    answers.append(BatchAnswer.Object(oid: object.oid, size: object.size, authenticated: true, actions: actions))
                }
            } catch let error as HubError {
                answers.append(BatchAnswer.Object(object, refused: error))
            }
        }
        return BatchAnswer(transfer: kind.rawValue, objects: answers)
    }

    /// Xet where the client lists it and it is served here, else parts where one object is large, else
    /// whole bodies. One way for all objects of a batch: adapters of git-lfs know no mixture.
    private func transfer(for missing: [BatchObject], listed: [String]) async throws -> (TransferKind, xet: BatchAnswer.Action?) {
        guard !missing.isEmpty else { return (.basic, nil) }
        if listed.contains(TransferKind.xet.rawValue), let token = try await routes.xetToken?(repo, who, true, RequestOrigin(request)) {
            return (.xet, BatchAnswer.Action(href: token.href, header: Dictionary(token.headers) { $1 }))
        }
        let isLarge = missing.contains { $0.size >= Self.partsFrom }
        return (isLarge && listed.contains(TransferKind.multipart.rawValue) ? .multipart : .basic, nil)
    }

    private func actions(_ kind: TransferKind, _ object: BatchObject) async throws -> BatchAnswer.Actions {
        let grant = TransferGrant(direction: .upload, repo: repo, digest: object.digest, size: object.size)
        let sealed = try await grant.sealed(for: who, by: hub)
        let path = "objects/\(object.digest.hex)"
        let verify = BatchAnswer.Action(href: href("\(path)/verify", grant: sealed), expiresIn: grant.lifetime)
        guard kind == .multipart else {
            return BatchAnswer.Actions(upload: BatchAnswer.Action(href: href(path, grant: sealed), expiresIn: grant.lifetime), verify: verify)
        }
        let plan = PartPlan(size: object.size, partSize: Hub.partSize(of: object.size))
        var header = ["chunk_size": "\(plan.partSize)"]
        for number in 0..<plan.count { header["\(number + 1)"] = href("\(path)/parts/\(number + 1)", grant: sealed) }
        let upload = BatchAnswer.Action(href: href("\(path)/complete", grant: sealed), header: header, expiresIn: grant.lifetime)
        return BatchAnswer.Actions(upload: upload, verify: verify)
    }
}

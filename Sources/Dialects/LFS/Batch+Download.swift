import Core
import Hub

extension LFSCall {
    /// Addresses that serve by themselves, so that private files need no header.
    func download(_ asked: BatchRequest, _ objects: [Result<BatchObject, HubError>]) async throws -> BatchAnswer {
        let wanted = objects.compactMap { try? $0.get() }
        let sizes = try hub.readableObjects(wanted.map(\.digest), of: repo, for: who).sizes
        var answers: [BatchAnswer.Object] = []
        for (object, result) in zip(asked.objects, objects) {
            do {
                let wanted = try result.get()
                guard let size = sizes[wanted.digest] else {
                    throw HubError(.unknownBlob, "there is no object \(wanted.digest.hex) here that you can read")
                }
                guard size == wanted.size else { throw wanted.wrongSize(size) }
                answers.append(try await download(wanted))
            } catch let error as HubError {
                answers.append(BatchAnswer.Object(object, refused: error))
            }
        }
        return BatchAnswer(transfer: TransferKind.basic.rawValue, objects: answers)
    }

    private func download(_ object: BatchObject) async throws -> BatchAnswer.Object {
        let grant = TransferGrant(direction: .download, repo: repo, digest: object.digest, size: object.size)
        let action = BatchAnswer.Action(
            href: href("objects/\(object.digest.hex)", grant: try await grant.sealed(for: who, by: hub)), expiresIn: grant.lifetime)
        return BatchAnswer.Object(
            oid: object.digest.hex, size: object.size, authenticated: true, actions: BatchAnswer.Actions(download: action))
    }
}

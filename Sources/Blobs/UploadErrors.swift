import Core

extension HubError {
    static func unknownUpload(_ id: UploadID) -> HubError {
        HubError(
            .unknownUpload, "there is no upload \(id) of yours: it was finished, ended or idle for too long; begin it again",
            details: ["upload": id.text])
    }
}

extension UploadSession {
    static let closed = HubError(.unavailable, "this upload is being finished by another request; wait a moment and ask for it again")

    static func superseded(_ part: Int) -> HubError {
        HubError(.unavailable, "part \(part) is being sent by a later request, which counts; this one was stopped")
    }

    static func incomplete(_ missing: [Int], of count: Int) -> HubError {
        let some = missing.prefix(20).map { "\($0)" }.joined(separator: ", ")
        return HubError(
            .sizeMismatch, "\(missing.count) of \(count) parts are missing: \(some)\(missing.count > 20 ? ", …" : ""); send them, then finish again",
            details: ["missing": missing.map { "\($0)" }.joined(separator: ",")])
    }
}

import Core
import Release

/// When to look at a replica next, and what a look means after those before it.
struct Sight {
    let request: ServerRequest
    let settings: FleetSettings
    var isReady: Bool
    var misses = 0
    var began = SteadyClock.now()
    var next: Milliseconds

    init(_ subject: ReplicaWatch.Subject, _ settings: FleetSettings) {
        request = ServerRequest(address: subject.address, path: subject.readinessPath, timeout: settings.checkTimeout)
        self.settings = settings
        isReady = subject.isReady
        next = subject.isReady ? began + settings.checkInterval : began
    }

    /// What has changed, if anything.
    mutating func look() -> ReplicaWatch.News? {
        guard SteadyClock.now() >= next else { return nil }
        let objection = request.perform().objectionToReadiness
        let now = SteadyClock.now()
        defer { next = now + pause(at: now) }
        guard let objection else {
            misses = 0
            if isReady { return nil }
            isReady = true
            return .answers
        }
        guard isReady else { return nil }
        misses += 1
        guard misses >= settings.missesAllowed else { return nil }
        isReady = false
        began = now
        return .silent(objection)
    }

    /// Short while a start is awaited; a start that takes minutes is not waited for so closely.
    private func pause(at now: Milliseconds) -> Milliseconds {
        if isReady { return misses == 0 ? settings.checkInterval : min(settings.checkInterval, 500) }
        return now - began < 60_000 ? settings.startInterval : settings.startInterval * 2
    }
}

extension ServerRequest.Answer {
    /// Why this is not the answer of a ready server; nil where it is.
    var objectionToReadiness: String? {
        switch self {
        case .response(let status, _) where (200..<300).contains(status): nil
        case .response(let status, _): "its readiness check answers \(status)"
        case .nothing(let reason): "its readiness check gets no answer: \(reason)"
        }
    }
}

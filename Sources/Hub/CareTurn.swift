package import Core
import Synchronization

/// A backup must find the blobs that its catalog names, so nothing is collected meanwhile, and
/// only one of each runs at a time.
final class CareTurn: Sendable {
    private let isEnded = Mutex(false)
    private let release: @Sendable () -> Void
    init(_ release: @escaping @Sendable () -> Void) { self.release = release }

    func end() {
        if isEnded.withLock({ done in
            defer { done = true }
            return !done
        }) {
            release()
        }
    }
    deinit { end() }
}

extension Hub {
    func takeCareTurn(_ what: String) throws(HubError) -> CareTurn {
        let isMine = isCaring.withLock { isBusy in
            defer { isBusy = true }
            return !isBusy
        }
        guard isMine else {
            throw HubError(.unavailable, "\(what) has to wait: a backup or a collection is running; try again when it is done")
        }
        return CareTurn { [weak self] in self?.isCaring.withLock { $0 = false } }
    }
}

extension Hub {
    /// Refuses before an answer has begun what the use-cases of care would refuse.
    package func mayCare(_ who: Principal) throws(HubError) { try who.requireSiteAdmin() }
}

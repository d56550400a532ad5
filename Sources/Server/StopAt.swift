import Core
import Foundation
import Synchronization

/// In debug builds `GRAYLING_STOP_AT=<checkpoint>[:n]` ends the process without warning when it
/// passes that checkpoint the n-th time: the crash suite's way in. Other builds ignore it.
enum StopAt {
    static func probe() -> Probe {
        #if DEBUG
            guard let text = ProcessInfo.processInfo.environment["GRAYLING_STOP_AT"], !text.isEmpty else { return Probe() }
            let parts = text.split(separator: ":")
            guard let first = parts.first, let checkpoint = Checkpoint(rawValue: String(first)) else { return Probe() }
            let counter = Counter(parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
            return Probe { passed in
                if passed == checkpoint, counter.countDown() == 0 { kill(getpid(), SIGKILL) }
            }
        #else
            return Probe()
        #endif
    }

    private final class Counter: Sendable {
        private let left: Atomic<Int>
        init(_ count: Int) { left = Atomic(count) }
        func countDown() -> Int { left.wrappingSubtract(1, ordering: .relaxed).newValue }
    }
}

package import Core
import ServiceLifecycle

/// Runs a conductor that has booted, until the server stops: each tick of its rhythm, and at once
/// when its bell rings.
package struct ConductorService: Service {
    private let conductor: Conductor
    private let interval: Milliseconds
    package init(_ conductor: Conductor, interval: Milliseconds = Rhythm().tick) {
        self.conductor = conductor
        self.interval = interval
    }

    package func run() async throws {
        let ticks = Metronome(conductor.bell, every: interval)
        await withGracefulShutdownHandler {
            while true {
                await conductor.bell.wait()
                if ticks.isOver || Task.isCancelled { break }
                if ticks.take() { await conductor.tick() } else { await conductor.respond() }
            }
        } onGracefulShutdown: {
            ticks.end()
        }
        ticks.end()
        await conductor.rest()
    }
}

/// Runs a postman until the server stops; what is under way then is sent again after the next start.
package struct PostmanService: Service {
    private let postman: Postman
    package init(_ postman: Postman) { self.postman = postman }

    package func run() async throws {
        let ticks = Metronome(postman.bell, every: 1_000)
        await withGracefulShutdownHandler {
            while true {
                await postman.bell.wait()
                if ticks.isOver || Task.isCancelled { break }
                _ = ticks.take()
                await postman.round()
            }
        } onGracefulShutdown: {
            ticks.end()
        }
        ticks.end()
    }
}

import Client
import Glibc

/// Shows how far work is: a bar on a terminal, a line every few seconds elsewhere.
enum ProgressLine {
    static func watching<Value: Sendable>(
        _ meter: ProgressMeter, _ output: OutputOptions, _ work: () async throws -> Value
    ) async throws -> Value {
        let display = output.showsProgress ? Task { await show(meter) } : nil
        do {
            let value = try await work()
            await end(display, meter, output)
            return value
        } catch {
            await end(display, meter, output)
            throw error
        }
    }

    private static func end(_ display: Task<Void, Never>?, _ meter: ProgressMeter, _ output: OutputOptions) async {
        display?.cancel()
        await display?.value
        guard !output.quiet else { return }
        for warning in meter.takeWarnings() { Terminal.note("grayling: warning: \(Terminal.plain(warning))") }
    }

    private static func show(_ meter: ProgressMeter) async {
        let clock = ContinuousClock()
        var stage: ProgressMeter.Stage?
        var began = clock.now
        var hasDrawn = false
        while true {
            // Ends the display: it sleeps no more once its task is cancelled.
            guard (try? await Task.sleep(for: Terminal.isInteractive ? .milliseconds(200) : .seconds(5))) != nil else { break }
            let reading = meter.reading
            if reading.stage != stage {
                stage = reading.stage
                began = clock.now
            }
            guard reading.done > 0 else { continue }
            let seconds = Double((clock.now - began).components.seconds) + 0.2
            let text = describe(reading, bytesPerSecond: Double(reading.done) / seconds)
            if Terminal.isInteractive {
                hasDrawn = true
                Terminal.write("\r\u{1B}[K\(text)", to: STDERR_FILENO)
            } else {
                Terminal.note(text)
            }
        }
        if hasDrawn { Terminal.write("\r\u{1B}[K", to: STDERR_FILENO) }
    }

    private static func describe(_ reading: ProgressMeter.Reading, bytesPerSecond: Double) -> String {
        let done = max(0, reading.total > 0 ? min(reading.done, reading.total) : reading.done)
        guard reading.total > 0 else { return "\(reading.stage.rawValue) \(Terminal.size(done))" }
        let share = Double(done) / Double(reading.total)
        let filled = Int(share * 24)
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: 24 - filled)
        let speed = Terminal.size(Int64(bytesPerSecond))
        return "\(reading.stage.rawValue) [\(bar)] \(Int(share * 100)) %  \(Terminal.size(done)) of \(Terminal.size(reading.total))  \(speed)/s"
    }
}
